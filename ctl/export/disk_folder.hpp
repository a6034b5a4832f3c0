#pragma once
// An open folder from which images are read and in which exported disks are made: everything by plain names relative
// to the one handle, and links are never followed. Other users may write to the folder, and this process may be root
// (a hook of a NAS): whatever they swap in meanwhile, no file outside is read, created or changed.

#include "common/error.hpp"
#include "ctl/export/new_file.hpp"
#include "daemon/platform/file_descriptor.hpp"
#include "daemon/platform/random_access.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace sb::ctl {

/// An image that is open for reading.
class OpenImage : public platform::RandomAccess {
public:
    /// What it takes on the disk: less than its length if it has holes or is compressed there.
    virtual std::uint64_t allocated_bytes() const = 0;
    /// `io` if the file was written to, or changed in any other way that its times show, since it was opened: what was
    /// read of it is then neither its old content nor its new one.
    virtual Result<void> check_unchanged() const = 0;
};

class DiskFolder {
public:
    enum class LastStep {
        may_be_link,   ///< a folder that the user named
        must_be_real,  ///< a folder in a share: `refused` if its name is a link
    };
    /// Errors: not_found, not_permitted, refused, io.
    static Result<DiskFolder> open(std::filesystem::path const& path, LastStep last);

    /// A regular file of the folder; `refused` for anything else. As root also for one that belongs to another user
    /// than the folder: a user who may write to both folders can rename or link a file that only root can read into
    /// this one, whose owner gets what is made of it.
    Result<std::unique_ptr<OpenImage>> open_file(std::string const& name) const;
    /// The whole file, which this process may have written itself, so its owner may differ; `refused` if it is longer
    /// than `limit`, and as root if it has a second name (a hard link) and belongs to another user than the folder.
    Result<std::string> read(std::string const& name, std::size_t limit) const;

    /// Creates ".NAME.partial", for this user alone (0600). Removes such a file that an ended process left. Errors:
    /// name_in_use if NAME exists, or if another process is writing it; refused, not_permitted, io. The folder must
    /// outlive the file.
    Result<std::unique_ptr<NewFile>> create(std::string const& name) const;
    /// Bytes that this user can still write.
    Result<std::uint64_t> free_bytes() const;

    std::string path_of(std::string const& name) const { return path_ + "/" + name; }

private:
    DiskFolder(platform::FileDescriptor handle, std::string path)
        : handle_(std::move(handle)), path_(std::move(path)) {}
    struct Found;
    Result<Found> find(std::string const& name) const;
    Result<void> remove_left_over(std::string const& partial) const;

    platform::FileDescriptor handle_;
    std::string path_;
};

}  // namespace sb::ctl
