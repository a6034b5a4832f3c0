#pragma once
// Whether the client still waits for what it ordered: when LocalPath or the cluster takes minutes, it may have ended.

#include "common/error.hpp"
#include "daemon/control/handler_table.hpp"

namespace sb::api {

/// `refused` if it does not: a person who has given up must not be surprised later. Ask directly before the change.
inline Result<void> still_wanted(control::Caller const& caller) {
    if (!caller.is_gone()) return boost::system::in_place_value;
    return Error{Errc::refused, "the client ended before this could be done, so nothing was changed"};
}

}  // namespace sb::api
