// Windows and due times against an oracle that shares no code with them: it walks twenty years in steps of a quarter
// of an hour and asks the C library what the wall clock shows.
#include "daemon/core/due.hpp"
#include "daemon/platform/zone.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <random>

using namespace sb;
using namespace sb::core;
using namespace std::chrono_literals;
using std::chrono::days;
using std::chrono::minutes;

namespace {

constexpr std::int64_t first_step = 1'262'304'000 / 900;  // 2010-01-01
constexpr std::int64_t last_step = 1'893'456'000 / 900;   // 2030-01-01
constexpr auto step_count = static_cast<std::size_t>(last_step - first_step);
constexpr std::int64_t quarters_a_day = 96;

UtcTime time_of(std::size_t step) { return UtcTime{(first_step + static_cast<std::int64_t>(step)) * 900s}; }

/// What the wall clock showed at each step, in quarters of an hour since some midnight.
class Walk {
public:
    Walk() {
        civil_.reserve(step_count);
        reached_.reserve(step_count);
        for (std::size_t i = 0; i < step_count; ++i) {
            auto const unix_time = static_cast<std::time_t>((first_step + static_cast<std::int64_t>(i)) * 900);
            std::tm tm{};
            ::localtime_r(&unix_time, &tm);
            // Counted from the calendar fields, not from the offset.
            if (tm.tm_mday != last_day_of_month_) note_day(tm);
            civil_.push_back(day_ * quarters_a_day + tm.tm_hour * 4 + tm.tm_min / 15);
            reached_.push_back(reached_.empty() ? civil_.back() : std::max(reached_.back(), civil_.back()));
        }
    }

    std::int64_t civil(std::size_t step) const { return civil_[step]; }
    std::int64_t quarter_of_day(std::size_t step) const { return civil_[step] % quarters_a_day; }
    /// The first step at which the clock showed this or, for the first time, something later.
    std::size_t first_reaching(std::int64_t civil) const {
        return static_cast<std::size_t>(std::lower_bound(reached_.begin(), reached_.end(), civil) - reached_.begin());
    }

private:
    void note_day(std::tm const& tm) {
        using namespace std::chrono;
        year_month_day const date{year{tm.tm_year + 1900}, month{static_cast<unsigned>(tm.tm_mon) + 1},
                                  day{static_cast<unsigned>(tm.tm_mday)}};
        day_ = local_days{date}.time_since_epoch().count();
        last_day_of_month_ = tm.tm_mday;
    }

    std::vector<std::int64_t> civil_, reached_;
    std::int64_t day_ = 0;
    int last_day_of_month_ = -1;
};

bool open_by_oracle(std::int64_t quarter, std::int64_t start, std::int64_t end) {
    if (start < end) return quarter >= start && quarter < end;
    return quarter >= start || quarter < end;
}

class InZone : public ::testing::TestWithParam<char const*> {
protected:
    void SetUp() override {
        if (!std::filesystem::exists(std::string("/usr/share/zoneinfo/") + GetParam()))
            GTEST_SKIP() << "no tzdata here";
        if (auto const* old = std::getenv("TZ")) old_ = old;
        ::setenv("TZ", GetParam(), 1);
        ::tzset();
    }
    void TearDown() override {
        if (old_) ::setenv("TZ", old_->c_str(), 1);
        else ::unsetenv("TZ");
        ::tzset();
    }

private:
    std::optional<std::string> old_;
};

std::vector<std::pair<int, int>> windows_to_try(std::mt19937& random) {
    std::uniform_int_distribution<int> any(0, 94), around_changes(0, 16), length(1, 6);
    auto const early = around_changes(random);
    auto const start = 1 + any(random);
    return {{start, (start + 1 + any(random)) % 96}, {early, early + length(random)}};
}

void expect_windows_as_walked(Walk const& walk, Zone const& zone) {
    std::mt19937 random(7);
    for (auto const& [start, end] : windows_to_try(random)) {
        DailyWindow const window{minutes{15 * start}, minutes{15 * end}};
        auto expected = next_change(window, time_of(0), zone);
        bool open = open_by_oracle(walk.quarter_of_day(0), start, end);
        for (std::size_t i = 0; i < step_count; ++i) {
            bool const now_open = open_by_oracle(walk.quarter_of_day(i), start, end);
            if (now_open == open) continue;
            open = now_open;
            ASSERT_EQ(expected, time_of(i)) << start << " to " << end << ", step " << i;
            ASSERT_EQ(is_open(window, time_of(i), zone), open);
            ASSERT_EQ(is_open(window, time_of(i) - 1ms, zone), !open);
            expected = next_change(window, time_of(i), zone);
        }
    }
}

void expect_due_times_as_walked(Walk const& walk, Zone const& zone) {
    std::mt19937 random(11);
    std::uniform_int_distribution<std::size_t> any_step(400, step_count - 10'000);
    std::uniform_int_distribution<int> any_days(0, 40), any_quarters(0, 95);
    for (auto const& [start, end] : windows_to_try(random)) {
        DailyWindow const window{minutes{15 * start}, minutes{15 * end}};
        for (int i = 0; i < 1500; ++i) {
            auto const started = any_step(random);
            auto const interval_days = any_days(random);
            auto const quarters = interval_days == 0 ? 1 + any_quarters(random) : i % 2 * any_quarters(random);
            // The window it belongs to: the newest of the days whose opening has been reached.
            auto day = walk.civil(started) / quarters_a_day + 1;
            while (walk.first_reaching(day * quarters_a_day + start) > started) --day;
            auto next_day = day + 1;
            while (walk.first_reaching(next_day * quarters_a_day + start) <= started) ++next_day;
            auto const opening = day * quarters_a_day + start;
            auto const next = walk.first_reaching(next_day * quarters_a_day + start);
            auto const rest = static_cast<std::size_t>(quarters);
            auto const by_window = std::max(walk.first_reaching(opening + interval_days * quarters_a_day) + rest, next);
            // Without days the calendar is not used: a length is exact, also in a repeated hour.
            auto const counted = interval_days == 0
                                     ? started
                                     : walk.first_reaching(walk.civil(started) + interval_days * quarters_a_day);
            auto const expected = std::min(counted + rest, by_window);

            Timing const timing{window, {interval_days, minutes{15 * quarters}}};
            ASSERT_EQ(due_again(time_of(started), timing, zone), time_of(expected))
                << "started " << format_rfc3339(time_of(started)) << ", " << interval_days << " days " << quarters
                << " quarters, window " << start << " to " << end;
            ASSERT_EQ(opening_before(window, time_of(started), zone), time_of(walk.first_reaching(opening)));
            ASSERT_EQ(opening_after(window, time_of(started), zone), time_of(next));
        }
    }
}

}  // namespace

TEST_P(InZone, TheSystemsZoneAnswersAsTheCLibraryDoes) {
    platform::SystemZone const zone;
    std::mt19937_64 random(1);
    std::uniform_int_distribution<std::int64_t> any(0, 3'000'000'000);
    for (int i = 0; i < 20'000; ++i) {
        auto const unix_time = static_cast<std::time_t>(any(random));
        std::tm tm{};
        ::localtime_r(&unix_time, &tm);
        ASSERT_EQ(zone.offset_at(UtcTime{std::chrono::seconds{unix_time}}).count(), tm.tm_gmtoff) << unix_time;
    }
}

TEST_P(InZone, WindowsAndDueTimesFollowTheWallClockForTwentyYears) {
    platform::SystemZone const zone;
    Walk const walk;
    expect_windows_as_walked(walk, zone);
    expect_due_times_as_walked(walk, zone);
}

// Both hemispheres, half and whole hours, changes at midnight, countries that moved their zone or skipped a day,
// Ramadan pauses, quarter-hour offsets, and a zone without changes.
INSTANTIATE_TEST_SUITE_P(RealZones, InZone,
                         ::testing::Values("Europe/Berlin", "America/New_York", "America/Santiago", "America/Havana",
                                           "America/Caracas", "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham",
                                           "Asia/Tehran", "Asia/Beirut", "Asia/Pyongyang", "Asia/Kolkata",
                                           "Africa/Casablanca", "Atlantic/Azores"),
                         [](auto const& suite) {
                             std::string name = suite.param;
                             for (auto& c : name)
                                 if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
                             return name;
                         });
