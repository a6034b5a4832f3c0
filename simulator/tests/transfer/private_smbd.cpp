#include "simulator/tests/transfer/private_smbd.hpp"

#include "tests/support/wait_until.hpp"

#include <array>
#include <chrono>
#include <fstream>
#include <iterator>

#include <arpa/inet.h>
#include <csignal>
#include <fcntl.h>
#include <pwd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sb::sim::test {
namespace {

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

std::uint16_t free_port() {
    int const fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(0);
    socklen_t length = sizeof(address);
    ::bind(fd, reinterpret_cast<sockaddr*>(&address), length);
    ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length);
    ::close(fd);
    return ntohs(address.sin_port);
}

bool accepts(std::uint16_t port) {
    int const fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto const address = loopback(port);
    bool const connected = ::connect(fd, reinterpret_cast<sockaddr const*>(&address), sizeof(address)) == 0;
    ::close(fd);
    return connected;
}

std::string smbd_program() {
    for (auto const* path : {"/usr/sbin/smbd", "/usr/local/sbin/smbd"})
        if (::access(path, X_OK) == 0) return path;
    return "";
}

/// The Samba user is mapped to the Unix account that runs the test.
void write_config(std::filesystem::path const& dir, std::uint16_t port, std::string const& user) {
    std::string const d = dir.string();
    passwd const* const me = ::getpwuid(::getuid());
    std::ofstream(dir / "users.map") << me->pw_name << " = \"" << user << "\" \"CONTOSO\\" << user << "\"\n";
    std::ofstream conf(dir / "smb.conf");
    conf << "[global]\nworkgroup = CONTOSO\nnetbios name = TESTNAS\nserver role = standalone server\n"
         << "server min protocol = SMB2\ninterfaces = 127.0.0.1 ::1\nbind interfaces only = yes\n"
         << "smb ports = " << port << "\n"
         << "disable netbios = yes\ndisable spoolss = yes\nload printers = no\nprinting = bsd\n"
         << "printcap name = /dev/null\nusershare max shares = 0\nmap to guest = never\nmax log size = 0\n"
         << "passdb backend = tdbsam:" << d << "/private/passdb.tdb\nprivate dir = " << d << "/private\n"
         << "lock directory = " << d << "/lock\nstate directory = " << d << "/state\n"
         << "cache directory = " << d << "/cache\npid directory = " << d << "/pid\nncalrpc dir = " << d << "/ncalrpc\n"
         << "log file = " << d << "/log/smbd.log\nlog level = 1\nusername map = " << d << "/users.map\n";
    conf << "[ServerBackups]\npath = " << d << "/share\nread only = no\n"
         << "[ReadOnly]\npath = " << d << "/share\nread only = yes\n"
         << "[NotYours]\npath = " << d << "/share\nread only = no\nvalid users = nobody\n";
}

}  // namespace

bool PrivateSmbd::installed() { return !smbd_program().empty() && run_program({"pdbedit", "--version"}) == 0; }

PrivateSmbd::PrivateSmbd(std::string const& user, std::string const& password) : port_(free_port()) {
    for (auto const* name : {"private", "lock", "state", "cache", "pid", "ncalrpc", "log", "share"})
        std::filesystem::create_directory(dir_ / name);
    std::filesystem::permissions(dir_ / "private", std::filesystem::perms::owner_all);
    write_config(dir_ / ".", port_, user);
    std::string const config = (dir_ / "smb.conf").string();
    // The password is passed in a file on stdin, so that no shell interprets it.
    std::ofstream(dir_ / "password") << password << '\n' << password << '\n';
    std::string const account = ::getpwuid(::getuid())->pw_name;
    std::string const add_user = "exec pdbedit -s \"$1\" -a -t -u \"$2\" <\"$3\"";
    run_program({"sh", "-c", add_user, "sh", config, account, (dir_ / "password").string()});
    process_ = ::fork();
    if (process_ == 0) {
        int const null = ::open("/dev/null", O_RDONLY);
        int const out = ::open((dir_ / "smbd.out").c_str(), O_WRONLY | O_CREAT, 0600);
        ::dup2(null, 0);
        ::dup2(out, 1);
        ::dup2(out, 2);
        std::string const program = smbd_program();
        std::string const log = (dir_ / "log").string();
        // Plain -F: smbd creates its own session, so stopping it never reaches our process group.
        ::execl(program.c_str(), "smbd", "-F", "-l", log.c_str(), "-s", config.c_str(), nullptr);
        ::_exit(127);
    }
    bool ended = false;
    auto const answers_or_ended = [&] {
        ended = ::waitpid(process_, nullptr, WNOHANG) == process_;
        return ended || accepts(port_);
    };
    bool const in_time = sb::test::wait_until(answers_or_ended, std::chrono::seconds(20));
    if (in_time && !ended) return;
    if (!ended) ::kill(process_, SIGKILL);
    process_ = 0;
}

PrivateSmbd::~PrivateSmbd() {
    if (process_ <= 0) return;
    ::kill(process_, SIGTERM);
    ::waitpid(process_, nullptr, 0);
    // Its helper has its own session and outlives it.
    pid_t helper = 0;
    if (std::ifstream(dir_ / "pid/samba-dcerpcd.pid") >> helper && helper > 1) ::kill(helper, SIGTERM);
}

std::string PrivateSmbd::log() const {
    std::ifstream file(dir_ / "smbd.out");
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace sb::sim::test
