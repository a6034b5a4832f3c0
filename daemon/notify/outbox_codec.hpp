#pragma once
// Waiting emails as JSON. Pure.

#include "daemon/ports/outbox.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sb::notify {

std::string outbox_text(std::vector<ports::QueuedMail> const& mails);

/// `malformed` if it is not such a text. Mails whose Message-ID or recipients could break a header are left out.
Result<std::vector<ports::QueuedMail>> read_outbox(std::string_view text);

}  // namespace sb::notify
