#pragma once
// While what the start reads of LocalPath has not returned: what clients can ask for, and why the rest waits.

#include "common/error.hpp"
#include "common/time.hpp"

#include <string>
#include <string_view>

namespace sb::app {

/// Whether the method needs nothing that the start reads of LocalPath: it shows what the journal and the cluster know,
/// or changes nothing but the daemon. No export, restore or verification may be ordered, and nothing deleted.
bool needs_no_storage(std::string_view method);

/// For people: since when LocalPath is read, and what does not work until that has ended.
std::string unread_storage_text(UtcTime since);
/// The same for a method that waits.
Error storage_not_read_yet(UtcTime since);

}  // namespace sb::app
