#pragma once
// An open folder. Everything in it is accessed by its plain name relative to the open handle, and links are never
// followed: a user who can write to the share must not be able to lead the daemon out of it.

#include "common/error.hpp"
#include "common/time.hpp"
#include "daemon/platform/file_descriptor.hpp"
#include "daemon/platform/random_access.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sb::platform {

enum class EntryKind { file, folder, link, other };

struct Entry {
    std::string name;
    EntryKind kind = EntryKind::other;
};

struct FileInfo {
    EntryKind kind = EntryKind::other;
    std::uint64_t size_bytes = 0;
    UtcTime modified;  ///< when its content (of a folder: its list of names) changed last, as the file system says
    bool operator==(FileInfo const&) const = default;
};

/// Whether `name` is one step of a path: not empty, "." or "..", no '/' and no NUL. Every call below
/// refuses other names with `invalid_name`.
bool is_plain_name(std::string_view name);

/// A file that grows at its end, so that a crash loses only the newest pieces.
class Appender {
public:
    virtual ~Appender() = default;
    virtual Result<void> write(std::string_view bytes) = 0;
    /// Flushes what was written to disk.
    virtual Result<void> sync() = 0;
};

class Folder {
public:
    /// The path comes from the configuration, so links in it are followed.
    static Result<Folder> open(std::filesystem::path const& path);

    /// `not_found` if the name does not exist, `refused` if it is a file or a link.
    Result<Folder> subfolder(std::string const& name) const;
    /// Everything in the folder but "." and "..", sorted by name.
    Result<std::vector<Entry>> entries() const;
    /// Empty if the name does not exist. Does not follow a link.
    Result<std::optional<FileInfo>> info(std::string const& name) const;
    /// Device, inode, size, and the times of the last change of its content and of anything else (ctime), as text to
    /// compare: a file that was written to or replaced has another one, also if its modification time was set back.
    /// "missing" if the name does not exist. Does not follow a link. A file system of another machine (SMB, NFS) shows
    /// what it has and what it has cached: without a ctime, the size and the modification time have to do.
    Result<std::string> state(std::string const& name) const;
    /// The bytes on the disk that removing this file frees: sparse and compressed files occupy less than their size,
    /// and one with another name (a hard link) frees none. 0 if it does not exist.
    Result<std::uint64_t> freed_by_removing(std::string const& name) const;
    /// The whole file; `refused` if it is longer than `limit` bytes or not a regular file.
    Result<std::string> read(std::string const& name, std::size_t limit) const;
    Result<std::unique_ptr<RandomAccess>> open_file(std::string const& name) const;

    /// Replaces or creates the file so that a power failure leaves the old or the new content, never a part:
    /// temporary file, fsync, rename, fsync of the folder. On failure no temporary file remains.
    Result<void> write_durably(std::string const& name, std::string_view bytes) const;
    /// The same, readable for this user alone (mode 0600). Without it, the umask of the environment decides: programs
    /// that serve LocalPath have to read what is written there.
    Result<void> write_privately(std::string const& name, std::string_view bytes) const;
    /// The name that write_durably uses meanwhile.
    static std::string temporary_name(std::string const& name) { return "." + name + ".new"; }
    /// Opens the file for writing at its end, after truncating it to `keep` bytes; creates it if it does not exist. A
    /// file with another name (a hard link) is never written: it is replaced, or `refused` if bytes of it are to be
    /// kept.
    Result<std::unique_ptr<Appender>> append_to(std::string const& name, std::uint64_t keep) const;
    /// Gives a flushed file its final name, replacing what has it, and flushes the names.
    Result<void> rename_durably(std::string const& name, std::string const& new_name) const;
    /// Renames and replaces nothing, not even an empty folder: `name_in_use` if the new name is taken. Does not flush.
    Result<void> rename_exclusively(std::string const& name, std::string const& new_name) const;
    /// Flushes the file's bytes (not its name) to disk.
    Result<void> sync_file(std::string const& name) const;
    /// Flushes the names in this folder to disk, where the file system offers that.
    Result<void> sync() const;

    /// Creates the folder (mode 0700) if it does not exist.
    Result<Folder> make_subfolder(std::string const& name) const;
    /// Moves `name` into `target` as `new_name`, which must be free.
    Result<void> move_to(std::string const& name, Folder const& target, std::string const& new_name) const;
    /// Removes a file, a link (not its target) or a folder with all its content. Succeeds if it does not exist. Does
    /// not cross into a file system or a folder that is mounted there. Removes as much as it can, and reports the first
    /// problem.
    Result<void> remove_tree(std::string const& name) const;

    /// Whether both are the same folder now, whatever their paths.
    Result<bool> is_same_as(Folder const& other) const;
    /// Whether no mount lies between them; a folder of the same file system that is mounted into it counts as one.
    Result<bool> is_on_same_mount(Folder const& other) const;

    /// For messages.
    std::string const& path() const { return path_; }

private:
    Folder(FileDescriptor handle, std::string path) : handle_(std::move(handle)), path_(std::move(path)) {}
    std::string path_of(std::string const& name) const { return path_ + "/" + name; }
    Result<void> write_with_mode(std::string const& name, std::string_view bytes, unsigned mode) const;
    Result<void> remove_below(std::string const& name, int depth) const;
    Result<FileDescriptor> open_regular(std::string const& name) const;

    FileDescriptor handle_;
    std::string path_;
};

}  // namespace sb::platform
