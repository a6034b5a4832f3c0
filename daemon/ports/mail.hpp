#pragma once
// What the engine needs to tell people. Real: daemon/notify (libcurl). Never holds anything up: post() only queues.

#include "common/error.hpp"
#include "daemon/async/task.hpp"

#include <string>

namespace sb::ports {

struct Message {
    std::string subject;
    std::string body;  ///< UTF-8 text
    /// One mail for one cause: a message with the key of one that was sent already is dropped until the cause
    /// ended (resolve) or a day has passed. Empty: always sent.
    std::string cause;
};

class Mail {
public:
    virtual ~Mail() = default;
    /// Queues it; sent off the event loop, tried again for hours.
    virtual void post(Message message) = 0;
    /// The cause is over: the next one of its kind is told again.
    virtual void resolve(std::string const& cause) = 0;
    /// Sends one message now and says how it went, in the server's words. For `notify-test`.
    virtual task<Result<void>> send_now(Message message) = 0;
};

}  // namespace sb::ports
