#pragma once
// Whether the wall clock can be believed. A wrong clock makes every copy look old, so while it is in doubt nothing is
// deleted and no VM is taken for gone; backups go on.
//
// Three witnesses: the steady clock knows of steps, also while the machine sleeps and while the daemon is stopped, but
// only within one boot; the record knows that time is not earlier; the cluster's clock alone knows what time it is.
//
// | what is seen                                         | then                                              |
// |------------------------------------------------------|---------------------------------------------------|
// | no record                                            | believed, unless the cluster's clock is a day off |
// | same boot: the wall clock advanced as the steady one | believed, however long the daemon was stopped     |
// | same boot: a step of more than 5 minutes             | in doubt                                          |
// | same boot: smaller steps that the cluster's clock     |                                                   |
// | contradicts, more than 5 minutes in sum              | in doubt                                          |
// | the same without the cluster's clock                 | believed: NTP corrects clocks in small steps      |
// | another boot: over 5 minutes earlier than the record | in doubt                                          |
// | another boot: up to a day later than the record      | believed                                          |
// | another boot: more than a day later                  | in doubt                                          |
// | the cluster's clock agrees                           | believed, whatever else is seen                   |
// | the cluster's clock differs, nothing else is wrong   | believed: it may be the cluster's clock           |
// | ... by the same, less than a day, for 24 hours       | believed, and this difference then agrees, until  |
// |                                                      | the clocks agree without it                       |
// | in doubt: accepted by the administrator              | believed                                          |
// | in doubt: 48 hours of running without the cluster    | believed                                          |
// | in doubt: the cluster's clock has differed           | only agreement or the administrator ends it       |
//
// Running time is summed across restarts and boots and never starts over, so one bad moment cannot count for years.
// When a doubt ends, the record becomes the present time, even if that is earlier.

#include "common/time.hpp"
#include "daemon/core/civil.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace sb::core {

/// All clocks at one moment.
struct ClockReading {
    UtcTime wall;
    SteadyTime boot;                   ///< of ports::Time::boot_now()
    std::string boot_id{};             ///< differs after each boot; empty = not known
    std::optional<UtcTime> cluster{};  ///< what the cluster's clock shows; empty = not known
};

enum class ClockChange {
    none,
    doubt_began,
    ended_by_agreement,
    ended_unwitnessed,  ///< after 48 hours of running without the cluster's clock
};

class ClockWitness {
public:
    /// Parses what `text()` wrote. A time alone is a record: earlier versions recorded nothing else. Unreadable lines
    /// are skipped.
    static ClockWitness from_text(std::string_view text);
    std::string text() const;

    /// Call it at least once an hour: of a longer time between two readings, an hour counts as running time.
    ClockChange observe(ClockReading const& reading);
    /// The administrator says that the wall clock is right: a difference from the cluster's clock is the cluster's.
    void accept(ClockReading const& reading);

    bool in_doubt() const { return doubt_.has_value(); }
    /// The last time that was not in doubt.
    std::optional<UtcTime> record() const { return record_; }
    /// How far the cluster's clock is constantly ahead of this machine's; empty = it is not.
    std::optional<Milliseconds> learned_offset() const { return learned_; }
    /// For people: why the clock is in doubt, or the learned offset; empty if there is nothing to say.
    std::string explain(Zone const& zone) const;

    bool operator==(ClockWitness const&) const = default;

private:
    enum class Reason { stepped, crept, earlier, later, unrecorded };

    struct Boot {
        std::string id;
        SteadyTime at;  ///< of the last reading; outside a doubt, when the wall clock showed the record
        bool operator==(Boot const&) const = default;
    };
    struct Doubt {
        Reason reason{};
        Milliseconds by{};                            ///< how far the wall clock was ahead of the expected time
        Milliseconds ran{};                           ///< running time since then
        std::optional<Milliseconds> cluster_ahead{};  ///< the last difference; empty = the cluster's clock was not seen
        bool operator==(Doubt const&) const = default;
    };
    /// An offset of the cluster's clock that may turn out to be constant.
    struct Trial {
        Milliseconds offset{};
        Milliseconds held{};
        bool operator==(Trial const&) const = default;
    };

    static std::string_view word_of(Reason reason);
    static std::optional<Doubt> doubt_from_words(std::string_view words);
    void read_line(std::string_view line);
    /// By the steady clock; empty after a boot.
    std::optional<Milliseconds> passed_since_last(ClockReading const& reading) const;
    bool agrees(ClockReading const& reading) const;
    void sum_small_steps(ClockReading const& reading, std::optional<Milliseconds> passed);
    bool cluster_contradicts_steps(ClockReading const& reading) const;
    std::optional<Doubt> doubt_about(ClockReading const& reading, std::optional<Milliseconds> passed) const;
    void learn(ClockReading const& reading, Milliseconds ran);
    void believe(ClockReading const& reading);

    std::optional<UtcTime> record_;
    std::optional<Boot> boot_;
    std::optional<Milliseconds> learned_;
    std::optional<Trial> trial_;
    std::optional<Doubt> doubt_;
    /// How far the wall clock has run ahead of the steady one in small steps that the cluster's clock was there to
    /// contradict, since the two last agreed.
    Milliseconds ahead_of_boot_{0};
};

}  // namespace sb::core
