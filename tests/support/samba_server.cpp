#include "tests/support/samba_server.hpp"

#include <csignal>
#include <fstream>
#include <random>
#include <stdexcept>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pwd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sb::test {
namespace {

std::string own_user() {
    passwd const* const entry = ::getpwuid(::geteuid());
    if (entry == nullptr) throw std::runtime_error("the user who runs the tests has no name");
    return entry->pw_name;
}

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

// Both calls take the generic address type, as the sockets interface requires.
template <class Call>
bool tcp_call(std::uint16_t port, Call call) {
    auto const address = loopback(port);
    int const fd = ::socket(AF_INET, SOCK_STREAM, 0);
    bool const done = fd >= 0 && call(fd, reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0;
    if (fd >= 0) ::close(fd);
    return done;
}

bool accepts(std::uint16_t port) { return tcp_call(port, ::connect); }

}  // namespace

std::uint16_t free_port() {
    std::random_device random;
    std::uniform_int_distribution<int> among(18000, 31999);
    for (int tries = 0; tries < 100; ++tries) {
        auto const port = static_cast<std::uint16_t>(among(random));
        if (tcp_call(port, ::bind)) return port;
    }
    throw std::runtime_error("no free port on loopback");
}

SambaServer::SambaServer(SambaSettings settings) : settings_(std::move(settings)) {
    if (settings_.unix_user.empty()) settings_.unix_user = own_user();
    for (auto const* folder : {"share", "private", "lock", "state", "cache", "pid", "ncalrpc", "log"})
        std::filesystem::create_directory(dir_ / folder);
    std::filesystem::permissions(dir_ / "private", std::filesystem::perms::owner_all);
    for (int tries = 0; tries < 5; ++tries) {
        port_ = free_port();
        write_settings();
        if (tries == 0) set_password();
        if (start()) return;
        smbd_.reset();
    }
    throw std::runtime_error("smbd does not start: " + log());
}

SambaServer::~SambaServer() {
    if (smbd_) smbd_->stop();
    // Its helper has its own session and outlives it.
    pid_t helper = 0;
    if (std::ifstream(dir_ / "pid/samba-dcerpcd.pid") >> helper && helper > 1) ::kill(helper, SIGTERM);
}

void SambaServer::write_settings() const {
    auto const at = [&](char const* name) { return (dir_ / name).string(); };
    auto const& s = settings_;
    write_file(dir_ / "users.map", s.unix_user + " = \"" + s.user + "\" \"" + s.domain + "\\" + s.user + "\"\n");
    write_file(dir_ / "smb.conf",
               "[global]\n  workgroup = TESTGROUP\n  netbios name = TESTNAS\n  server role = standalone server\n"
               "  server min protocol = SMB2\n  interfaces = 127.0.0.1\n  bind interfaces only = yes\n  smb ports = " +
                   std::to_string(port_) +
                   "\n  disable netbios = yes\n  disable spoolss = yes\n  load printers = no\n  printing = bsd\n"
                   "  printcap name = /dev/null\n  usershare max shares = 0\n  map to guest = never\n"
                   "  max log size = 0\n  log level = 1\n"
                   "  passdb backend = tdbsam:" +
                   at("private/passdb.tdb") + "\n  private dir = " + at("private") +
                   "\n  lock directory = " + at("lock") + "\n  state directory = " + at("state") +
                   "\n  cache directory = " + at("cache") + "\n  pid directory = " + at("pid") +
                   "\n  ncalrpc dir = " + at("ncalrpc") + "\n  log file = " + at("log/smbd.log") +
                   "\n  username map = " + at("users.map") + "\n[" + s.share + "]\n  path = " + at("share") +
                   "\n  read only = " + (s.read_only ? "yes" : "no") + "\n" + s.share_lines);
}

void SambaServer::set_password() const {
    Command command{.argv = {find_program("pdbedit").value_or("pdbedit"), "-s", (dir_ / "smb.conf").string(), "-a",
                             "-t", "-u", settings_.unix_user},
                    .input = settings_.password + "\n" + settings_.password + "\n"};
    auto const done = run(std::move(command));
    if (done.code != 0) throw std::runtime_error("pdbedit: " + done.out + done.err);
}

bool SambaServer::start() {
    smbd_ = std::make_unique<Process>(Command{.argv = {find_program("smbd").value_or("smbd"), "-F", "-l",
                                                       (dir_ / "log").string(), "-s", (dir_ / "smb.conf").string()}});
    wait_until([&] { return !smbd_->running() || accepts(port_); });
    // Another server may have taken the port: only ours knows the password. It is passed in the environment, because
    // '-U user%password' would split at a % in it.
    Command ask{.argv = {"smbclient", "//127.0.0.1/" + settings_.share, "-p", std::to_string(port_), "-s",
                         (dir_ / "smb.conf").string(), "-U", settings_.user, "-c", "pwd"},
                .environment = {{"PASSWD", settings_.password}}};
    return wait_until([&] { return !smbd_->running() || run(ask).code == 0; }) && smbd_->running();
}

std::string SambaServer::log() const {
    return read_file(dir_ / "log/smbd.log") + (smbd_ ? smbd_->out() + smbd_->err() : std::string());
}

}  // namespace sb::test
