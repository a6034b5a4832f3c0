#pragma once
// The NewFile of a DiskFolder: a file with a partial name in an open folder. Owner, permissions and content go to the
// open file, never to a name, which others may have given to another file. Only this module's POSIX files include it.

#include "ctl/export/new_file.hpp"
#include "daemon/platform/file_descriptor.hpp"

#include <string>

namespace sb::ctl {

class PartialFile : public NewFile {
public:
    /// `folder` is a handle that its owner closes, after this.
    PartialFile(int folder, std::string folder_path, platform::FileDescriptor fd, std::string partial,
                std::string name);
    ~PartialFile() override;

    Result<void> write(std::uint64_t offset, std::span<std::byte const> bytes) override;
    Result<void> read(std::uint64_t offset, std::span<std::byte> into) const override;
    Result<std::uint64_t> next_data(std::uint64_t offset) const override;
    Result<void> resize(std::uint64_t bytes) override;
    Result<void> flush() override;
    Result<std::string> share(unsigned permissions) override;
    Result<void> publish() override;

private:
    std::string path() const { return folder_path_ + "/" + partial_; }
    Error name_taken() const;
    /// Whether the partial name is still that of the open file.
    bool has_its_name() const;
    /// Replaces nothing. 0 or an errno.
    int give_name() const;

    int folder_;
    std::string folder_path_;
    platform::FileDescriptor fd_;
    std::string partial_, name_;
    bool published_ = false;
};

}  // namespace sb::ctl
