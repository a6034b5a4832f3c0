#pragma once
// Civil time: all that the core needs to know about time zones. Implemented by platform/zone; tests use rules.

#include "common/config/model.hpp"
#include "common/time.hpp"

#include <chrono>

namespace sb::core {

/// What the wall clock shows, without a zone.
using CivilTime = std::chrono::local_time<Milliseconds>;

class Zone {
public:
    virtual ~Zone() = default;
    /// Local time minus UTC at this moment.
    virtual std::chrono::seconds offset_at(UtcTime time) const = 0;
};

CivilTime to_civil(UtcTime time, Zone const& zone);

/// The first moment at which the wall clock shows `civil`; if the clock skips it in spring, the first moment after the
/// gap. Of a time that the clock shows twice in autumn, the first.
UtcTime first_moment_of(CivilTime civil, Zone const& zone);

/// `time` plus a calendar duration: days keep the time of day, the rest is exact.
UtcTime add(UtcTime time, config::CivilDuration length, Zone const& zone);

}  // namespace sb::core
