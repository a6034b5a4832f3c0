#include "common/zone.hpp"

#include <ctime>

namespace sb {

std::chrono::minutes local_offset(UtcTime time) {
    auto const seconds =
        static_cast<std::time_t>(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
    std::tm civil{};
    if (::localtime_r(&seconds, &civil) == nullptr) return std::chrono::minutes{0};
    return std::chrono::floor<std::chrono::minutes>(std::chrono::seconds{civil.tm_gmtoff});
}

}  // namespace sb
