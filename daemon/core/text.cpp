#include "daemon/core/text.hpp"

#include <cstdio>

namespace sb::core {

using namespace std::chrono;

std::string moment_text(UtcTime time, Zone const& zone) {
    auto const civil = to_civil(time, zone);
    auto const day = floor<days>(civil);
    year_month_day const date{day};
    hh_mm_ss const clock{floor<minutes>(civil - day)};
    char text[64];
    std::snprintf(text, sizeof text, "%04d-%02u-%02u %02d:%02d", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                  static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()));
    return text;
}

std::string count_text(std::int64_t count, char const* one_of_them) {
    return std::to_string(count) + " " + one_of_them + (count == 1 ? "" : "s");
}

}  // namespace sb::core
