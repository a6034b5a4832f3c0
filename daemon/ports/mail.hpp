#pragma once
// Mail to the administrator. Real: daemon/notify (libcurl). Fake: tests/unit/app. post() only queues and never blocks.

#include "common/error.hpp"
#include "daemon/async/task.hpp"

#include <string>

namespace sb::ports {

struct Message {
    std::string subject;
    std::string body;  ///< UTF-8 text
    /// One mail per cause: another message with the same cause is dropped until the cause ended (resolve) or a day has
    /// passed. Empty: always sent.
    std::string cause;
};

class Mail {
public:
    virtual ~Mail() = default;
    /// Queues it; sent off the event loop, retried for a day.
    virtual void post(Message message) = 0;
    /// The cause ended: the next message with it is sent again.
    virtual void resolve(std::string const& cause) = 0;
    /// Sends one message now; an error is in the server's words. For `notify-test`.
    virtual task<Result<void>> send_now(Message message) = 0;
};

}  // namespace sb::ports
