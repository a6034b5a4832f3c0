#pragma once
// Civil time: the only thing that the core may ask about the wall clock's habits. Real: platform/zone. Tests: rules.

#include "common/config/model.hpp"
#include "common/time.hpp"

#include <chrono>

namespace sb::core {

/// What a clock on the wall shows, without saying in which zone.
using CivilTime = std::chrono::local_time<Milliseconds>;

class Zone {
public:
    virtual ~Zone() = default;
    /// Local time minus UTC in force at this moment.
    virtual std::chrono::seconds offset_at(UtcTime time) const = 0;
};

CivilTime to_civil(UtcTime time, Zone const& zone);

/// The first moment at which the wall clock shows `civil` or, where it is skipped in spring, the first moment
/// after the gap. Of a time that autumn shows twice, the first.
UtcTime first_moment_of(CivilTime civil, Zone const& zone);

/// `time` plus a length as people mean it: days keep the time of day, the rest is exact.
UtcTime add(UtcTime time, config::CivilDuration length, Zone const& zone);

}  // namespace sb::core
