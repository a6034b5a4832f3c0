#include "daemon/app/loop_failures.hpp"

namespace sb::app {

LoopFailures::Verdict LoopFailures::note(Time now) {
    if (count_ == 0 || now - since_ >= std::chrono::minutes(1)) {
        since_ = now;
        count_ = 0;
    }
    ++count_;
    return {count_ <= lines_a_minute, count_ > most_a_minute};
}

}  // namespace sb::app
