#pragma once
// The Time port on the system's clocks.

#include "daemon/ports/time.hpp"

namespace sb::platform {

class RealTime : public ports::Time {
public:
    UtcTime now() const override;
    SteadyTime steady_now() const override;
    SteadyTime boot_now() const override;
    task<void> sleep_until(SteadyTime when) override;
};

}  // namespace sb::platform
