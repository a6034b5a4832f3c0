#pragma once
// The SMTP server of the unit tests (aiosmtpd, or a faulty one) for the daemon.

#include "tests/support/process.hpp"

#include <string>

namespace sb::test {

class MailServer {
public:
    static bool available();

    /// "plain" accepts mails; "silent" accepts connections and never responds.
    explicit MailServer(std::string const& mode = "plain");

    /// [SMTP] for a config.
    std::string config() const;
    /// Waits for the message with this number, from 1.
    std::string mail(int number);
    int count() const;
    bool wait_for(std::string_view text) { return process_.wait_for_output(text); }

private:
    TempDir folder_;
    Process process_;
    int port_ = 0;
};

#define SB_NEEDS_MAIL_SERVER() \
    if (!sb::test::MailServer::available()) GTEST_SKIP() << "needs aiosmtpd"

}  // namespace sb::test
