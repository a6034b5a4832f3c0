#include "daemon/journal/database.hpp"

#include <array>
#include <string_view>
#include <system_error>
#include <utility>

namespace sb::journal {

bool may_mean_damage(int sqlite_code) {
    int const primary = sqlite_code & 0xff;
    // Our own SQL is valid: SQLITE_ERROR means that a table or a column is missing, so the schema is damaged.
    return primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB || primary == SQLITE_ERROR;
}

Database Database::open(std::filesystem::path const& path) {
    Database database;
    sqlite3* handle = nullptr;
    int const code = sqlite3_open_v2(path.c_str(), &handle,
                                     SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    database.handle_.reset(handle);
    if (handle == nullptr) throw DatabaseError{SQLITE_NOMEM, "out of memory"};
    sqlite3_extended_result_codes(handle, 1);
    database.check(code);
    // Another process may read the journal (sqlite3, a backup of the machine) for a moment.
    database.check(sqlite3_busy_timeout(handle, 5000));
    // SQLite silently opens a file without write permission for reading; the daemon would only notice at its first job.
    if (sqlite3_db_readonly(handle, "main") == 1) throw DatabaseError{SQLITE_READONLY, "the file is read-only"};
    return database;
}

bool Database::has_moved() const {
    if (!handle_) return true;
    int moved = 0;
    return sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved != 0;
}

bool Database::is_overwritten() const {
    sqlite3_file* file = nullptr;
    if (sqlite3_file_control(handle_.get(), "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK) return false;
    if (file == nullptr || file->pMethods == nullptr) return false;
    // Through SQLite's own descriptor: opening and closing another one would release its locks.
    std::array<char, 16> begin{};
    int const code = file->pMethods->xRead(file, begin.data(), static_cast<int>(begin.size()), 0);
    if (code == SQLITE_IOERR_SHORT_READ) return true;
    constexpr std::string_view expected("SQLite format 3\0", 16);
    return code == SQLITE_OK && std::string_view(begin.data(), begin.size()) != expected;
}

void Database::check(int code) const {
    int const primary = code & 0xff;
    if (primary == SQLITE_OK || primary == SQLITE_ROW || primary == SQLITE_DONE) return;
    std::string message = handle_ ? sqlite3_errmsg(handle_.get()) : sqlite3_errstr(code);
    // SQLite reports nearly every error of the system as "disk I/O error".
    bool const is_system_error = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN || primary == SQLITE_FULL;
    int const system_error = handle_ && is_system_error ? sqlite3_system_errno(handle_.get()) : 0;
    if (system_error != 0) message += " (" + std::generic_category().message(system_error) + ")";
    throw DatabaseError{code, std::move(message)};
}

void Database::execute(char const* sql) { check(sqlite3_exec(handle_.get(), sql, nullptr, nullptr, nullptr)); }

Statement Database::prepare(char const* sql) { return {*this, handle_.get(), sql}; }

Statement::Statement(Database const& database, sqlite3* handle, char const* sql) : database_(database) {
    sqlite3_stmt* statement = nullptr;
    int const code = sqlite3_prepare_v2(handle, sql, -1, &statement, nullptr);
    handle_.reset(statement);
    database_.check(code);
}

Statement& Statement::bind(int at, std::string_view text) {
    // Copied: a view's bytes may not live until the step. An empty view must not become NULL.
    char const* const bytes = text.data() != nullptr ? text.data() : "";
    auto const copy = reinterpret_cast<sqlite3_destructor_type>(-1);  // SQLITE_TRANSIENT without its old-style cast
    database_.check(sqlite3_bind_text64(handle_.get(), at, bytes, text.size(), copy, SQLITE_UTF8));
    return *this;
}

Statement& Statement::bind(int at, std::int64_t number) {
    database_.check(sqlite3_bind_int64(handle_.get(), at, number));
    return *this;
}

Statement& Statement::bind(int at, std::optional<std::int64_t> number) {
    if (number) return bind(at, *number);
    database_.check(sqlite3_bind_null(handle_.get(), at));
    return *this;
}

bool Statement::step() {
    int const code = sqlite3_step(handle_.get());
    database_.check(code);
    return code == SQLITE_ROW;
}

std::string Statement::text(int column) const {
    auto const* const bytes = reinterpret_cast<char const*>(sqlite3_column_text(handle_.get(), column));
    auto const length = sqlite3_column_bytes(handle_.get(), column);
    return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(length));
}

std::optional<std::int64_t> Statement::optional_integer(int column) const {
    if (sqlite3_column_type(handle_.get(), column) == SQLITE_NULL) return std::nullopt;
    return integer(column);
}

Transaction::~Transaction() {
    if (!open_) return;
    try {
        database_.execute("ROLLBACK");
    } catch (DatabaseError const&) {
        // SQLite has already rolled back, or the file is unusable; the first error is being reported.
    }
}

}  // namespace sb::journal
