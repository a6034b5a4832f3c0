#pragma once
// Where emails wait across restarts. Real: daemon/notify (a file in the state directory). Fake: tests/unit/notify. Both
// calls block: they are made off the event loop, one after the other.

#include "common/error.hpp"
#include "common/time.hpp"
#include "daemon/ports/mail.hpp"

#include <string>
#include <vector>

namespace sb::ports {

/// A message that waits to be sent.
struct QueuedMail {
    Message message;
    std::string unique;  ///< of its Message-ID, the same in each attempt: letters, digits and dots
    UtcTime posted;
    std::vector<std::string> recipients = {};  ///< who does not have it yet; empty = everyone in `To`
};

class Outbox {
public:
    virtual ~Outbox() = default;
    /// What was saved last; nothing if there is none. An error if it cannot be read or is not ours.
    virtual Result<std::vector<QueuedMail>> load() = 0;
    /// Replaces all of it, durably.
    virtual Result<void> save(std::vector<QueuedMail> const& mails) = 0;
};

}  // namespace sb::ports
