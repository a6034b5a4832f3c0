#pragma once
// The system's time zone: the only place that asks the C library about civil time.

#include "common/time.hpp"

namespace sb {

/// The local offset from UTC that was or will be in force at `time`.
std::chrono::minutes local_offset(UtcTime time);

}  // namespace sb
