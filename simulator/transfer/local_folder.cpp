#include "simulator/transfer/folder.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sb::sim {
namespace {

class LocalFile final : public FolderFile {
public:
    LocalFile(int fd, std::string name) : fd_(fd), name_(std::move(name)) {}
    LocalFile(LocalFile const&) = delete;
    LocalFile& operator=(LocalFile const&) = delete;
    ~LocalFile() override {
        if (fd_ >= 0) ::close(fd_);
    }

    Outcome<std::uint64_t> size() override {
        struct stat facts {};
        if (::fstat(fd_, &facts) != 0) return failed("stat");
        return static_cast<std::uint64_t>(facts.st_size);
    }

    Outcome<void> read(std::uint64_t offset, std::span<std::byte> into) override {
        while (!into.empty()) {
            ssize_t const got = ::pread(fd_, into.data(), into.size(), static_cast<off_t>(offset));
            if (got < 0) return failed("read");
            if (got == 0) {
                std::memset(into.data(), 0, into.size());
                break;
            }
            into = into.subspan(static_cast<std::size_t>(got));
            offset += static_cast<std::uint64_t>(got);
        }
        return {};
    }

    Outcome<void> write(std::uint64_t offset, std::span<std::byte const> bytes) override {
        while (!bytes.empty()) {
            ssize_t const put = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
            if (put < 0) return failed("write");
            bytes = bytes.subspan(static_cast<std::size_t>(put));
            offset += static_cast<std::uint64_t>(put);
        }
        return {};
    }

    Outcome<void> set_size(std::uint64_t size) override {
        if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) return failed("resize");
        return {};
    }

    Outcome<void> close() override {
        if (::close(std::exchange(fd_, -1)) != 0) return failed("close");
        return {};
    }

private:
    Failed failed(char const* what) const { return refused_by_share(what + (" '" + name_) + "'", errno); }

    int fd_;
    std::string name_;
};

class LocalFolder final : public Folder {
public:
    LocalFolder(SmbUri const& uri, std::string const& root) : parent_(root) {
        for (auto const& directory : uri.directories) parent_ += "/" + directory;
        path_ = parent_ + "/" + uri.folder;
    }

    Outcome<void> require_parent() override { return require(parent_, "NT_STATUS_OBJECT_PATH_NOT_FOUND"); }
    Outcome<void> require_folder() override { return require(path_, "NT_STATUS_OBJECT_NAME_NOT_FOUND"); }

    Outcome<void> create() override {
        if (::mkdir(path_.c_str(), 0777) == 0 || errno == EEXIST) return require_folder();
        return refused_by_share("create directory '" + path_ + "'", errno);
    }

    Outcome<std::unique_ptr<FolderFile>> create_file(std::string const& name) override {
        return open(name, O_RDWR | O_CREAT | O_TRUNC, "create");
    }

    Outcome<std::unique_ptr<FolderFile>> open_file(std::string const& name) override {
        return open(name, O_RDONLY, "open");
    }

private:
    static Outcome<void> require(std::string const& path, char const* status_when_missing) {
        struct stat facts {};
        std::string what = "open directory '" + path + "'";
        if (::stat(path.c_str(), &facts) != 0) {
            if (errno == ENOENT) return refused_by_share(std::move(what), status_when_missing, ENOENT);
            return refused_by_share(std::move(what), errno);
        }
        if (!S_ISDIR(facts.st_mode)) return refused_by_share(std::move(what), ENOTDIR);
        return {};
    }

    Outcome<std::unique_ptr<FolderFile>> open(std::string const& name, int flags, char const* what) const {
        int const fd = ::open((path_ + "/" + name).c_str(), flags | O_CLOEXEC, 0666);
        if (fd < 0) return refused_by_share(what + (" '" + name) + "'", errno);
        return std::unique_ptr<FolderFile>(std::make_unique<LocalFile>(fd, name));
    }

    std::string parent_;
    std::string path_;
};

}  // namespace

std::unique_ptr<Folder> local_folder(SmbUri const& uri, std::string const& root) {
    return std::make_unique<LocalFolder>(uri, root);
}

Outcome<std::unique_ptr<Folder>> reach_folder(TransferPlace const& place, SmbUri const& uri) {
    if (!place.mapped_root.empty()) return local_folder(uri, place.mapped_root);
    return connect_smb_folder(uri, place.smb_timeout_ms);
}

}  // namespace sb::sim
