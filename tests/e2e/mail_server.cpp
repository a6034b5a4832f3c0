#include "tests/e2e/mail_server.hpp"

#include "tests/support/python.hpp"

#include <cstdlib>
#include <stdexcept>

namespace sb::test {

bool MailServer::available() { return python_with("aiosmtpd").has_value(); }

MailServer::MailServer(std::string const& mode)
    : process_({.argv = {python_with("aiosmtpd").value(), SB_SMTP_SERVER, folder_.path().string(), mode}}) {
    wait_until([&] { return process_.out().find('\n') != std::string::npos || !process_.running(); });
    auto const output = process_.out();
    if (!output.starts_with("port ")) throw std::runtime_error("the SMTP server does not start: " + process_.err());
    port_ = std::atoi(output.c_str() + 5);
}

std::string MailServer::config() const {
    return "[SMTP]\nHost = '127.0.0.1'\nPort = " + std::to_string(port_) +
           "\nFrom = 'backups@example.org'\nTo = 'ops@example.org'\n";
}

std::string MailServer::mail(int number) {
    wait_for("stored " + std::to_string(number) + "\n");
    return read_file(folder_ / (std::to_string(number) + ".eml"));
}

int MailServer::count() const {
    int mails = 0;
    for (auto const& entry : std::filesystem::directory_iterator(folder_.path()))
        mails += entry.path().extension() == ".eml" ? 1 : 0;
    return mails;
}

}  // namespace sb::test
