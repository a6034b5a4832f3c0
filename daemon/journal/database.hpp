#pragma once
// One SQLite connection with every result code checked. Values are bound, never pasted into SQL.
// Only this module's .cpp files include it.

#include "common/error.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sb::journal {

/// Whether the file may not (or no longer) be our database, as opposed to a failing or full disk.
bool may_mean_damage(int sqlite_code);

struct DatabaseError {
    int code = 0;
    std::string message;
};

class Statement;

class Database {
public:
    Database() = default;
    /// Creates the file if it is missing.
    static Database open(std::filesystem::path const& path);

    void execute(char const* sql);
    Statement prepare(char const* sql);
    std::int64_t last_row_id() const { return sqlite3_last_insert_rowid(handle_.get()); }
    int changes() const { return sqlite3_changes(handle_.get()); }
    /// Whether the file is no longer where it was opened: deleted, or moved with its folder. Writes are lost then.
    bool has_moved() const;
    /// Whether the file no longer begins like a database: another program overwrote or truncated it. Reads 16 bytes
    /// past SQLite's page cache, which would otherwise hide that for hours and then be written over the file.
    bool is_overwritten() const;
    /// Throws DatabaseError for a code that is not OK, ROW or DONE. The module's own exception: it never leaves the
    /// module.
    void check(int code) const;

private:
    struct Closer {
        void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
    };
    std::unique_ptr<sqlite3, Closer> handle_;
};

class Statement {
public:
    Statement(Database const& database, sqlite3* handle, char const* sql);

    Statement& bind(int at, std::string_view text);
    Statement& bind(int at, std::int64_t number);
    Statement& bind(int at, std::optional<std::int64_t> number);
    /// True if there is a row.
    bool step();
    std::string text(int column) const;
    std::int64_t integer(int column) const { return sqlite3_column_int64(handle_.get(), column); }
    std::optional<std::int64_t> optional_integer(int column) const;

private:
    struct Finalizer {
        void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
    };
    Database const& database_;
    std::unique_ptr<sqlite3_stmt, Finalizer> handle_;
};

/// Rolls back unless commit() was called.
class Transaction {
public:
    explicit Transaction(Database& database) : database_(database) { database_.execute("BEGIN IMMEDIATE"); }
    Transaction(Transaction const&) = delete;
    Transaction& operator=(Transaction const&) = delete;
    ~Transaction();
    void commit() {
        database_.execute("COMMIT");
        open_ = false;
    }

private:
    Database& database_;
    bool open_ = true;
};

}  // namespace sb::journal
