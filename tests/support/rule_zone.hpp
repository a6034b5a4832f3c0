#pragma once
// Time zones with explicit rules, so that a test defines when its clocks change. Header-only.

#include "daemon/core/civil.hpp"

#include <optional>

namespace sb::test {

/// "The last Sunday of March at 02:00 on the wall": nth 1 to 4, or 5 = the last.
struct ChangeRule {
    std::chrono::month month;
    unsigned nth;
    std::chrono::weekday weekday;
    std::chrono::minutes wall_time;  ///< local time just before the change
};

class RuleZone final : public core::Zone {
public:
    struct Summer {
        std::chrono::minutes saving;
        ChangeRule begins, ends;
    };

    explicit RuleZone(std::chrono::minutes standard, std::optional<Summer> summer = std::nullopt)
        : standard_(standard), summer_(summer) {}

    std::chrono::seconds offset_at(UtcTime time) const override {
        if (!summer_) return standard_;
        if (time < year_.first || time >= year_.next) year_ = year_of(time);
        auto const& [first, next, begins, ends] = year_;
        bool const is_summer = begins < ends ? begins <= time && time < ends : !(ends <= time && time < begins);
        return is_summer ? standard_ + summer_->saving : standard_;
    }

private:
    struct Year {
        UtcTime first, next, begins, ends;
    };

    Year year_of(UtcTime time) const {
        using namespace std::chrono;
        auto const year = year_month_day(floor<days>(time + standard_)).year();
        return {UtcTime(sys_days(year / January / 1)) - standard_,
                UtcTime(sys_days((year + years{1}) / January / 1)) - standard_,
                moment(year, summer_->begins) - standard_, moment(year, summer_->ends) - standard_ - summer_->saving};
    }

    static UtcTime moment(std::chrono::year year, ChangeRule const& rule) {
        using namespace std::chrono;
        auto const day = rule.nth == 5 ? sys_days(year / rule.month / rule.weekday[last])
                                       : sys_days(year / rule.month / rule.weekday[rule.nth]);
        return UtcTime(day) + rule.wall_time;
    }

    std::chrono::minutes standard_;
    std::optional<Summer> summer_;
    mutable Year year_{};  ///< the last requested one: tests request it a million times
};

inline RuleZone utc() { return RuleZone(std::chrono::minutes{0}); }

/// Northern hemisphere: skips 02:00 to 03:00 in March and repeats 02:00 to 03:00 in October.
inline RuleZone berlin() {
    using namespace std::chrono;
    return RuleZone(hours{1}, RuleZone::Summer{hours{1}, {March, 5, Sunday, hours{2}}, {October, 5, Sunday, hours{3}}});
}

/// Southern hemisphere, with a change of only half an hour.
inline RuleZone lord_howe() {
    using namespace std::chrono;
    return RuleZone(minutes{630},
                    RuleZone::Summer{minutes{30}, {October, 1, Sunday, hours{2}}, {April, 1, Sunday, hours{2}}});
}

/// The clock changes at midnight: one day has no 00:00, another one repeats an hour of the evening.
inline RuleZone beirut() {
    using namespace std::chrono;
    return RuleZone(hours{2}, RuleZone::Summer{hours{1}, {March, 5, Sunday, hours{0}}, {October, 5, Sunday, hours{0}}});
}

}  // namespace sb::test
