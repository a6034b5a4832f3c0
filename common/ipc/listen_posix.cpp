#include "common/ipc/listen.hpp"

#include "common/ipc/endpoint.hpp"
#include "common/ipc/local_stream_posix.hpp"
#include "common/ipc/peer_posix.hpp"
#include "common/ipc/side_threads.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fcntl.h>
#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace sb::ipc {
namespace {

using Acceptor = asio::local::stream_protocol::acceptor;

Error system_error(int number, std::string const& doing) {
    return error_from({number, boost::system::system_category()}, doing);
}

/// A file descriptor that is closed unless it was released.
class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor const&) = delete;
    Descriptor& operator=(Descriptor const&) = delete;
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    int get() const { return number_; }
    int release() { return std::exchange(number_, -1); }

private:
    int number_;
};

/// Which file a path named: a later one there may belong to another program.
struct FileIdentity {
    dev_t device = 0;
    ino_t inode = 0;
    bool operator==(FileIdentity const&) const = default;
};

std::optional<FileIdentity> identity_of(std::string const& path) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) return std::nullopt;
    return FileIdentity{info.st_dev, info.st_ino};
}

class LocalListener final : public Listener {
public:
    LocalListener(Acceptor acceptor, std::optional<FileIdentity> file, ListenOptions options)
        : side_threads_(std::move(options.side_threads)),
          acceptor_(std::move(acceptor)),
          path_(options.endpoint.native()),
          file_(file),
          most_closing_(options.most_closing) {
        if (!side_threads_) side_threads_ = std::make_shared<SideThreads>();
    }
    ~LocalListener() override { LocalListener::close(); }

    task<Result<Connection>> accept() override {
        boost::system::error_code failed;
        asio::steady_timer pause{acceptor_.get_executor()};
        while (!failed && side_threads_->unfinished() >= most_closing_) {
            pause.expires_after(std::chrono::milliseconds{5});
            co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, failed));
        }
        if (failed) co_return error_from(failed, "accepting a control connection");
        LocalSocket socket{acceptor_.get_executor()};
        co_await acceptor_.async_accept(socket, asio::redirect_error(asio::use_awaitable, failed));
        if (failed) co_return error_from(failed, "accepting a control connection");
        auto const peer = peer_of(socket.native_handle());
        Connection connection{stream_over(std::move(socket), side_threads_), peer};
        co_return connection;
    }

    void close() noexcept override {
        if (!acceptor_.is_open()) return;
        if (file_ && identity_of(path_) == file_) ::unlink(path_.c_str());
        boost::system::error_code ignored;
        int const descriptor = acceptor_.release(ignored);
        if (ignored) return;
        ::shutdown(descriptor, SHUT_RDWR);  // no further client can connect
        // The system would close those that still wait together with it, here, with all that they have sent.
        for (int client = ::accept(descriptor, nullptr, nullptr); client >= 0;
             client = ::accept(descriptor, nullptr, nullptr))
            close_connection(client, *side_threads_);
        ::close(descriptor);
    }

private:
    std::shared_ptr<SideThreads> side_threads_;
    Acceptor acceptor_;
    std::string path_;
    std::optional<FileIdentity> file_;
    std::size_t most_closing_;
};

sockaddr_un address_of(std::string const& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);  // its length was checked
    return address;
}

sockaddr const* plain(sockaddr_un const& address) {
    return static_cast<sockaddr const*>(static_cast<void const*>(&address));
}

int open_socket() {
    int const number = ::socket(AF_UNIX, SOCK_STREAM, 0);
    if (number < 0) return number;
    ::fcntl(number, F_SETFD, FD_CLOEXEC);
    // Not blocking: a connect() to a daemon whose queue is full would wait for it.
    ::fcntl(number, F_SETFL, O_NONBLOCK);
    return number;
}

Result<void> make_sure_of_directory(std::filesystem::path const& endpoint) {
    auto const directory = endpoint.has_parent_path() ? endpoint.parent_path() : std::filesystem::path(".");
    struct stat info {};
    if (::stat(directory.c_str(), &info) == 0) {
        if (S_ISDIR(info.st_mode)) return {};
        return Error{Errc::invalid_config,
                     directory.native() + ", where the control socket should be created, is not a directory"};
    }
    if (errno != ENOENT) return system_error(errno, "checking " + directory.native());
    // The default directory is on a file system that is empty after each boot; any other is the administrator's.
    if (directory != default_endpoint().parent_path())
        return Error{Errc::invalid_config,
                     "the control socket's directory " + directory.native() +
                         " does not exist: create it, or choose another path with --socket or [Daemon] Socket"};
    if (::mkdir(directory.c_str(), 0755) != 0) {
        if (errno != EEXIST) return system_error(errno, "creating " + directory.native());
    } else if (::chmod(directory.c_str(), 0755) != 0) {  // whatever the umask: clients have to reach the socket
        return system_error(errno, "opening " + directory.native() + " to clients");
    }
    return {};
}

/// Removes a socket that a dead daemon left; fails if it is something else or has a listener.
Result<void> clear_the_place(std::string const& path) {
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0) {
        if (errno == ENOENT) return {};
        return system_error(errno, "checking " + path);
    }
    if (!S_ISSOCK(info.st_mode))
        return Error{Errc::refused, path + " exists and is not a socket; remove it, or choose another path"};
    Descriptor const probe{open_socket()};
    if (probe.get() < 0) return system_error(errno, "opening a socket");
    auto const address = address_of(path);
    int const failed = ::connect(probe.get(), plain(address), sizeof address) == 0 ? 0 : errno;
    if (failed == ENOENT) return {};
    if (failed == 0 || failed == EAGAIN || failed == EINPROGRESS)
        return Error{Errc::refused, "another daemon listens on " + path};
    if (failed != ECONNREFUSED) return system_error(failed, "checking whether a daemon listens on " + path);
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) return system_error(errno, "removing the stale socket " + path);
    return {};
}

Result<void> hand_to_group(std::string const& path, std::string const& name, std::string const& key) {
    auto const id = group_id(name, key);
    if (!id) return id.error();
    if (::lchown(path.c_str(), static_cast<uid_t>(-1), *id) != 0)
        return system_error(errno, "giving " + path + " to the group '" + name + "'");
    return {};
}

mode_t withheld_from(Audience audience) {
    switch (audience) {
        case Audience::owner: return 0177;
        case Audience::group: return 0117;
        case Audience::all: return 0111;
    }
    return 0177;
}

}  // namespace

void remove_stale_socket(std::filesystem::path const& endpoint) {
    if (problem_with_path(endpoint).empty()) static_cast<void>(clear_the_place(endpoint.native()));
}

Result<std::uint32_t> group_id(std::string const& name, std::string const& key) {
    std::array<char, 16384> memory{};
    group entry{};
    group* found = nullptr;
    int const failed = ::getgrnam_r(name.c_str(), &entry, memory.data(), memory.size(), &found);
    if (failed != 0) return system_error(failed, "looking up the group '" + name + "'");
    if (!found)
        return Error{Errc::invalid_config, "Daemon." + key + ": there is no group '" + name + "' on this machine"};
    return found->gr_gid;
}

Result<std::unique_ptr<Listener>> listen(asio::any_io_executor executor, ListenOptions options) {
    auto const& path = options.endpoint.native();
    if (auto problem = problem_with_path(options.endpoint); !problem.empty())
        return Error{Errc::invalid_config, std::move(problem)};
    if (auto const ready = make_sure_of_directory(options.endpoint); !ready) return ready.error();
    if (auto const cleared = clear_the_place(path); !cleared) return cleared.error();

    Descriptor socket{open_socket()};
    if (socket.get() < 0) return system_error(errno, "opening a socket");
    auto const address = address_of(path);
    // Its mode from its first moment: a later chmod would leave a gap. No client can connect before listen() either.
    auto const before = ::umask(withheld_from(options.audience));
    int const bound = ::bind(socket.get(), plain(address), sizeof address) == 0 ? 0 : errno;
    ::umask(before);
    if (bound != 0) return system_error(bound, "creating the control socket " + path);
    auto const file = identity_of(path);

    boost::system::error_code refused;
    Acceptor acceptor{executor};
    acceptor.assign(asio::local::stream_protocol{}, socket.get(), refused);
    if (refused) {
        ::unlink(path.c_str());
        return error_from(refused, "watching the control socket");
    }
    socket.release();
    // From here on the listener cleans up, whatever fails.
    auto const descriptor = acceptor.native_handle();
    auto listener = std::make_unique<LocalListener>(std::move(acceptor), file, options);
    if (!options.group.empty())
        if (auto const handed = hand_to_group(path, options.group, options.group_key); !handed) return handed.error();
    int const most_waiting = options.most_waiting > 0 ? options.most_waiting : SOMAXCONN;
    if (::listen(descriptor, most_waiting) != 0) return system_error(errno, "listening on " + path);
    return std::unique_ptr<Listener>(std::move(listener));
}

}  // namespace sb::ipc
