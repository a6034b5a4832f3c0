#pragma once
// The SMTP server of the tests (smtp_server.py) as a child process.

#include "tests/support/process.hpp"
#include "tests/support/python.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sb::test {

struct Certificate {
    std::filesystem::path certificate, key;
};
/// Self-signed, for the given names ("DNS:localhost" or "IP:127.0.0.1").
Certificate make_certificate(std::filesystem::path const& folder, std::string const& names);

class SmtpServer {
public:
    explicit SmtpServer(std::string mode, std::optional<Certificate> certificate = std::nullopt);

    std::uint16_t port() const { return port_; }
    /// Waits for the message with this number, 1 is the first: the mail and, as JSON, its envelope.
    std::string mail(int number);
    std::string envelope(int number);
    bool wait_for(std::string_view text) { return process_.wait_for_output(text); }
    void kill() { process_.kill(); }

private:
    TempDir folder_;
    Process process_;
    std::uint16_t port_ = 0;
};

/// A port of 127.0.0.1 on which no program listens.
std::uint16_t free_port();

}  // namespace sb::test
