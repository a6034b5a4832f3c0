#pragma once
// The time zone that this process lives in, as the core wants to know it. Reads the system's rules once, so that
// thousands of questions cost little; make a new one to notice that /etc/localtime has changed.

#include "daemon/core/civil.hpp"

#include <vector>

namespace sb::platform {

/// Constant once made, so several threads may ask it at a time.
class SystemZone final : public core::Zone {
public:
    /// Reads TZ or /etc/localtime afresh. Some milliseconds.
    SystemZone();

    std::chrono::seconds offset_at(UtcTime time) const override;

private:
    struct Change {
        std::chrono::sys_seconds at;
        std::chrono::seconds offset;  ///< in force from then on
    };

    std::vector<Change> changes_;  ///< the first one marks the beginning of what was read
    std::chrono::sys_seconds end_;
};

}  // namespace sb::platform
