#pragma once
// The time zone of this process, for the core. Reads the system's rules once, so that thousands of queries cost little;
// create a new one to notice that /etc/localtime has changed.

#include "daemon/core/civil.hpp"

#include <vector>

namespace sb::platform {

/// Immutable, so several threads may use it at a time.
class SystemZone final : public core::Zone {
public:
    /// Reads TZ or /etc/localtime again. Takes some milliseconds.
    SystemZone();

    std::chrono::seconds offset_at(UtcTime time) const override;

private:
    struct Change {
        std::chrono::sys_seconds at;
        std::chrono::seconds offset;  ///< valid from then on
    };

    std::vector<Change> changes_;  ///< the first one marks the start of the range that was read
    std::chrono::sys_seconds end_;
};

}  // namespace sb::platform
