#include "smtp_server.hpp"

#include <cstdlib>
#include <stdexcept>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace sb::test {
namespace {

std::string const sources = SB_NOTIFY_TEST_SOURCES;

std::vector<std::string> server_command(std::string const& folder, std::string mode,
                                        std::optional<Certificate> const& tls) {
    std::vector<std::string> argv{python_with("aiosmtpd").value(), sources + "/smtp_server.py", folder,
                                  std::move(mode)};
    if (tls) argv.insert(argv.end(), {tls->certificate.string(), tls->key.string()});
    return argv;
}

}  // namespace

Certificate make_certificate(std::filesystem::path const& folder, std::string const& names) {
    Certificate made{folder / "cert.pem", folder / "key.pem"};
    Command command;
    command.argv = {"openssl",
                    "req",
                    "-x509",
                    "-newkey",
                    "ec",
                    "-pkeyopt",
                    "ec_paramgen_curve:P-256",
                    "-nodes",
                    "-days",
                    "2",
                    "-subj",
                    "/CN=test mail server",
                    "-addext",
                    "subjectAltName=" + names,
                    "-keyout",
                    made.key.string(),
                    "-out",
                    made.certificate.string()};
    auto const finished = run(std::move(command));
    if (finished.code != 0) throw std::runtime_error("openssl: " + finished.err);
    return made;
}

SmtpServer::SmtpServer(std::string mode, std::optional<Certificate> certificate)
    : process_(Command{server_command(folder_.path().string(), std::move(mode), certificate), {}, {}}) {
    wait_until([&] { return process_.out().find('\n') != std::string::npos || !process_.running(); });
    auto const said = process_.out();
    if (!said.starts_with("port ")) throw std::runtime_error("the SMTP server does not start: " + process_.err());
    port_ = static_cast<std::uint16_t>(std::atoi(said.c_str() + 5));
}

std::string SmtpServer::mail(int number) {
    wait_for("stored " + std::to_string(number) + "\n");
    return read_file(folder_ / (std::to_string(number) + ".eml"));
}

std::string SmtpServer::envelope(int number) {
    wait_for("stored " + std::to_string(number) + "\n");
    return read_file(folder_ / (std::to_string(number) + ".json"));
}

std::uint16_t free_port() {
    int const socket = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    bool const got = ::bind(socket, generic, length) == 0 && ::getsockname(socket, generic, &length) == 0;
    ::close(socket);
    if (!got) throw std::runtime_error("no free port");
    return ntohs(address.sin_port);
}

}  // namespace sb::test
