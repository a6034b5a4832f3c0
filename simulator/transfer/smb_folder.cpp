// Only this file uses libsmbclient, which has one global context and is not thread-safe: one Folder for each process.
#include "simulator/transfer/folder.hpp"
#include "simulator/transfer/libsmbclient.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>

namespace sb::sim {
namespace {

/// Data for the C callback; set before the context is created and never changed afterwards.
SmbUri const* credentials = nullptr;

void copy_text(std::string const& text, char* into, int space) {
    if (space <= 0) return;
    std::size_t const length = std::min(text.size(), static_cast<std::size_t>(space) - 1);
    std::memcpy(into, text.data(), length);
    into[length] = '\0';
}

extern "C" void give_credentials(SMBCCTX*, char const*, char const*, char* domain, int domain_room, char* user,
                                 int user_room, char* password, int password_room) {
    copy_text(credentials->domain, domain, domain_room);
    copy_text(credentials->user, user, user_room);
    copy_text(credentials->password.reveal(), password, password_room);
}

bool resolves(std::string const& host) {
    addrinfo* found = nullptr;
    if (::getaddrinfo(host.c_str(), nullptr, nullptr, &found) != 0) return false;
    ::freeaddrinfo(found);
    return true;
}

class SmbFile final : public FolderFile {
public:
    SmbFile(LibSmbClient const& smb, int handle, std::string name)
        : smb_(smb), handle_(handle), name_(std::move(name)) {}
    SmbFile(SmbFile const&) = delete;
    SmbFile& operator=(SmbFile const&) = delete;
    ~SmbFile() override {
        if (handle_ >= 0) smb_.close(handle_);
    }

    Outcome<std::uint64_t> size() override {
        struct stat facts {};
        if (smb_.fstat(handle_, &facts) != 0) return failed("stat");
        return static_cast<std::uint64_t>(facts.st_size);
    }

    Outcome<void> read(std::uint64_t offset, std::span<std::byte> into) override {
        if (smb_.lseek(handle_, static_cast<off_t>(offset), SEEK_SET) < 0) return failed("seek in");
        while (!into.empty()) {
            ssize_t const got = smb_.read(handle_, into.data(), into.size());
            if (got < 0) return failed("read");
            if (got == 0) {
                std::memset(into.data(), 0, into.size());
                break;
            }
            into = into.subspan(static_cast<std::size_t>(got));
        }
        return {};
    }

    Outcome<void> write(std::uint64_t offset, std::span<std::byte const> bytes) override {
        if (smb_.lseek(handle_, static_cast<off_t>(offset), SEEK_SET) < 0) return failed("seek in");
        while (!bytes.empty()) {
            ssize_t const put = smb_.write(handle_, bytes.data(), bytes.size());
            if (put < 0) return failed("write");
            bytes = bytes.subspan(static_cast<std::size_t>(put));
        }
        return {};
    }

    Outcome<void> set_size(std::uint64_t size) override {
        if (smb_.ftruncate(handle_, static_cast<off_t>(size)) != 0) return failed("resize");
        return {};
    }

    Outcome<void> close() override {
        if (smb_.close(std::exchange(handle_, -1)) != 0) return failed("close");
        return {};
    }

private:
    Failed failed(char const* what) const { return refused_by_share(what + (" '" + name_) + "'", errno); }

    LibSmbClient const& smb_;
    int handle_;
    std::string name_;
};

class SmbFolder final : public Folder {
public:
    SmbFolder(LibSmbClient const& smb, SmbUri uri) : smb_(smb), uri_(std::move(uri)) {
        // The port is set in the context, and the colons of an IPv6 address are encoded: libsmbclient accepts neither
        // brackets nor plain colons.
        server_url_ = "smb://" + percent_encode(uri_.host) + "/";
        share_url_ = server_url_ + percent_encode(uri_.share);
        parent_url_ = share_url_;
        for (auto const& directory : uri_.directories) {
            parent_url_ += "/" + percent_encode(directory);
            directories_ += directory + "/";
        }
        folder_url_ = parent_url_ + "/" + percent_encode(uri_.folder);
    }
    SmbFolder(SmbFolder const&) = delete;
    SmbFolder& operator=(SmbFolder const&) = delete;
    ~SmbFolder() override {
        if (context_ != nullptr) smb_.free_context(context_, 1);
        credentials = nullptr;
    }

    Outcome<void> connect(int timeout_ms) {
        credentials = &uri_;
        SMBCCTX* const fresh = smb_.new_context();
        if (fresh == nullptr) return refused_by_share("start the SMB client", errno);
        smb_.set_debug(fresh, 0);
        smb_.set_debug_to_stderr(fresh, 1);  // stdout is for the worker's protocol
        smb_.set_timeout(fresh, timeout_ms);
        smb_.set_port(fresh, uri_.port);
        smb_.set_no_anonymous_login(fresh, 1);
        smb_.set_use_kerberos(fresh, 0);
        smb_.set_auth_data(fresh, &give_credentials);
        context_ = smb_.init_context(fresh);
        if (context_ == nullptr) {
            int const reason = errno;
            smb_.free_context(fresh, 0);
            return refused_by_share("start the SMB client", reason);
        }
        smb_.set_context(context_);
        return enter_share();
    }

    Outcome<void> require_parent() override {
        return require(parent_url_, directories_, "NT_STATUS_OBJECT_PATH_NOT_FOUND");
    }
    Outcome<void> require_folder() override {
        return require(folder_url_, directories_ + uri_.folder, "NT_STATUS_OBJECT_NAME_NOT_FOUND");
    }

    Outcome<void> create() override {
        if (smb_.mkdir(folder_url_.c_str(), 0777) == 0 || errno == EEXIST) return require_folder();
        return refused_by_share("create directory '" + place(directories_ + uri_.folder) + "'", errno);
    }

    Outcome<std::unique_ptr<FolderFile>> create_file(std::string const& name) override {
        return open(name, O_RDWR | O_CREAT | O_TRUNC, "create");
    }
    Outcome<std::unique_ptr<FolderFile>> open_file(std::string const& name) override {
        return open(name, O_RDONLY, "open");
    }

private:
    /// The usual notation: //host/share/dir.
    std::string place(std::string const& below) const { return "//" + uri_.host + "/" + uri_.share + "/" + below; }

    Outcome<void> enter_share() {
        struct stat facts {};
        if (smb_.stat(share_url_.c_str(), &facts) == 0) return {};
        int const reason = errno;
        std::string what = "connect to share '//" + uri_.host + "/" + uri_.share + "'";
        if (reason == ENOENT || reason == ENODEV)
            return refused_by_share(std::move(what), "NT_STATUS_BAD_NETWORK_NAME", ENOENT);
        // libsmbclient returns the same errno for a name that does not resolve and for a user without a password.
        if (reason == EINVAL && !resolves(uri_.host))
            return refused_by_share(std::move(what), "NT_STATUS_BAD_NETWORK_PATH", EHOSTUNREACH);
        if (reason == EINVAL && uri_.password.empty())
            return refused_by_share(std::move(what), "NT_STATUS_LOGON_FAILURE", EACCES);
        if (reason != EACCES && reason != EPERM) return refused_by_share(std::move(what), reason);
        // One errno for two causes: a user who may list the shares has the right password and lacks a permission.
        int const listing = smb_.opendir(server_url_.c_str());
        if (listing < 0) return refused_by_share(std::move(what), "NT_STATUS_LOGON_FAILURE", EACCES);
        smb_.closedir(listing);
        return refused_by_share(std::move(what), "NT_STATUS_ACCESS_DENIED", EACCES);
    }

    Outcome<void> require(std::string const& url, std::string const& below, char const* status_when_missing) const {
        struct stat facts {};
        std::string what = "open directory '" + place(below) + "'";
        if (smb_.stat(url.c_str(), &facts) != 0) {
            if (errno == ENOENT) return refused_by_share(std::move(what), status_when_missing, ENOENT);
            return refused_by_share(std::move(what), errno);
        }
        if (!S_ISDIR(facts.st_mode)) return refused_by_share(std::move(what), ENOTDIR);
        return {};
    }

    Outcome<std::unique_ptr<FolderFile>> open(std::string const& name, int flags, char const* what) const {
        int const handle = smb_.open((folder_url_ + "/" + percent_encode(name)).c_str(), flags, 0666);
        if (handle < 0) return refused_by_share(what + (" '" + name) + "'", errno);
        return std::unique_ptr<FolderFile>(std::make_unique<SmbFile>(smb_, handle, name));
    }

    LibSmbClient const& smb_;
    SmbUri uri_;
    std::string server_url_;
    std::string share_url_;
    std::string parent_url_;
    std::string folder_url_;
    std::string directories_;  ///< "dir/dir/"
    SMBCCTX* context_ = nullptr;
};

}  // namespace

Outcome<std::unique_ptr<Folder>> connect_smb_folder(SmbUri const& uri, int timeout_ms) {
    auto const smb = libsmbclient();
    if (!smb) return smb.error();
    auto folder = std::make_unique<SmbFolder>(**smb, uri);
    if (auto connected = folder->connect(timeout_ms); !connected) return connected.error();
    return std::unique_ptr<Folder>(std::move(folder));
}

}  // namespace sb::sim
