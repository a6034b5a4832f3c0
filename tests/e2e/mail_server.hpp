#pragma once
// The SMTP server of the unit tests (aiosmtpd, or one that misbehaves) for the daemon.

#include "tests/support/process.hpp"

#include <string>

namespace sb::test {

class MailServer {
public:
    static bool available();

    /// "plain" takes mails; "silent" accepts connections and says nothing.
    explicit MailServer(std::string const& mode = "plain");

    /// [SMTP] for a config.
    std::string config() const;
    /// Waits for the message with this number, 1 is the first.
    std::string mail(int number);
    int count() const;
    bool wait_for(std::string_view text) { return process_.wait_for_output(text); }

private:
    static std::string python();

    TempDir folder_;
    Process process_;
    int port_ = 0;
};

#define SB_NEEDS_MAIL_SERVER() \
    if (!sb::test::MailServer::available()) GTEST_SKIP() << "aiosmtpd is not installed"

}  // namespace sb::test
