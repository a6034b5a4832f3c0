#pragma once
// The Mail port without a server: it keeps what was posted. Header-only.

#include "daemon/ports/mail.hpp"

#include <vector>

namespace sb::test {

class FakeMail final : public ports::Mail {
public:
    std::vector<ports::Message> posted;
    std::vector<std::string> resolved;
    std::vector<ports::Message> sent_now;
    Result<void> send_result;

    void post(ports::Message message) override { posted.push_back(std::move(message)); }
    void resolve(std::string const& cause) override { resolved.push_back(cause); }
    task<Result<void>> send_now(ports::Message message) override {
        sent_now.push_back(std::move(message));
        co_return send_result;
    }
};

}  // namespace sb::test
