#include "daemon/core/clock_witness.hpp"

#include "common/text/duration_text.hpp"
#include "common/text/whole_number.hpp"
#include "daemon/core/due.hpp"
#include "daemon/core/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace sb::core {

namespace {

constexpr Milliseconds far_off = std::chrono::days(1);
constexpr Milliseconds constant_after = std::chrono::hours(24);
constexpr Milliseconds enough_running = std::chrono::hours(48);
/// More than the readings of two clocks are apart.
constexpr Milliseconds smallest_step = std::chrono::seconds(10);
constexpr Milliseconds longest_between_readings = std::chrono::hours(1);

Milliseconds cluster_ahead(ClockReading const& reading) { return *reading.cluster - reading.wall; }

std::optional<Milliseconds> unless_small(Milliseconds offset) {
    if (abs(offset) <= clock_slack) return std::nullopt;
    return offset;
}

std::string_view take_word(std::string_view& words) {
    auto const word = words.substr(0, words.find(' '));
    words.remove_prefix(std::min(word.size() + 1, words.size()));
    return word;
}

std::optional<Milliseconds> take_length(std::string_view& words) {
    constexpr std::int64_t most = 1'000'000'000'000'000;  // longer than any clock runs; their sums cannot overflow
    auto const number = whole_number<std::int64_t>(take_word(words));
    if (!number || *number > most || *number < -most) return std::nullopt;
    return Milliseconds{*number};
}

std::string number_text(Milliseconds length) { return std::to_string(length.count()); }

/// "3 hours ahead of".
std::string ahead_of(Milliseconds by) {
    return length_text(abs(by)) + (by < Milliseconds::zero() ? " behind" : " ahead of");
}

}  // namespace

std::optional<Milliseconds> ClockWitness::passed_since_last(ClockReading const& reading) const {
    if (!boot_ || boot_->id != reading.boot_id || reading.boot < boot_->at) return std::nullopt;
    return reading.boot - boot_->at;
}

bool ClockWitness::agrees(ClockReading const& reading) const {
    if (!reading.cluster) return false;
    auto const ahead = cluster_ahead(reading);
    return abs(ahead) <= clock_slack || (learned_ && abs(ahead - *learned_) <= clock_slack);
}

/// A step above the slack raises its own doubt.
void ClockWitness::sum_small_steps(ClockReading const& reading, std::optional<Milliseconds> passed) {
    if (!record_ || !passed || !reading.cluster) return;
    auto const drift = reading.wall - *record_ - *passed;
    if (abs(drift) <= clock_slack) ahead_of_boot_ += drift;
}

/// Whether the cluster's clock differs by what this one was stepped. When they last agreed, they may have differed by
/// the slack already.
bool ClockWitness::cluster_contradicts_steps(ClockReading const& reading) const {
    if (!reading.cluster || agrees(reading)) return false;
    auto const matches = [&](Milliseconds usual) {
        auto const ahead = usual - cluster_ahead(reading);  // this clock of the cluster's
        bool const is_same_direction = (ahead < Milliseconds::zero()) == (ahead_of_boot_ < Milliseconds::zero());
        return is_same_direction && abs(ahead - ahead_of_boot_) <= 2 * clock_slack;
    };
    return matches(Milliseconds::zero()) || (learned_ && matches(*learned_));
}

std::optional<ClockWitness::Doubt> ClockWitness::doubt_about(ClockReading const& reading,
                                                             std::optional<Milliseconds> passed) const {
    if (agrees(reading)) return std::nullopt;
    if (!record_) {
        if (!reading.cluster || abs(cluster_ahead(reading)) < far_off) return std::nullopt;
        return Doubt{Reason::unrecorded, -cluster_ahead(reading)};
    }
    auto const advanced = reading.wall - *record_;
    if (passed) {
        if (abs(advanced - *passed) > clock_slack) return Doubt{Reason::stepped, advanced - *passed};
        bool const is_far = abs(ahead_of_boot_) > clock_slack;
        if (is_far && cluster_contradicts_steps(reading)) return Doubt{Reason::crept, ahead_of_boot_};
        return std::nullopt;
    }
    if (advanced < -clock_slack) return Doubt{Reason::earlier, advanced};
    if (advanced > far_off) return Doubt{Reason::later, advanced};
    return std::nullopt;
}

void ClockWitness::learn(ClockReading const& reading, Milliseconds ran) {
    if (trial_) trial_->held = std::min(trial_->held + ran, constant_after);
    if (!reading.cluster) return;
    // The difference is this clock's: in small steps it could become any.
    if (abs(ahead_of_boot_) > smallest_step && cluster_contradicts_steps(reading)) return trial_.reset();
    auto const ahead = cluster_ahead(reading);
    if (!trial_ || abs(ahead - trial_->offset) > clock_slack) trial_ = Trial{ahead};
    if (trial_->held >= constant_after && abs(trial_->offset) < far_off) learned_ = unless_small(trial_->offset);
}

void ClockWitness::believe(ClockReading const& reading) {
    record_ = std::chrono::floor<std::chrono::seconds>(reading.wall);  // as it is written
    // What that cuts off must not look like a step.
    boot_->at -= reading.wall - *record_;
    if (doubt_ || agrees(reading)) ahead_of_boot_ = Milliseconds::zero();
    doubt_.reset();
    if (reading.cluster && abs(cluster_ahead(reading)) <= clock_slack) learned_.reset();
}

ClockChange ClockWitness::observe(ClockReading const& reading) {
    auto const passed = passed_since_last(reading);
    auto const ran = std::min(passed.value_or(Milliseconds::zero()), longest_between_readings);
    boot_ = Boot{reading.boot_id, reading.boot};
    bool const was_in_doubt = in_doubt();
    if (was_in_doubt) {
        doubt_->ran += ran;
    } else {
        sum_small_steps(reading, passed);
        doubt_ = doubt_about(reading, passed);
    }
    if (!doubt_) {
        learn(reading, ran);
        believe(reading);
        return ClockChange::none;
    }
    if (agrees(reading)) {
        believe(reading);
        return ClockChange::ended_by_agreement;
    }
    trial_.reset();  // the difference may now be this clock's
    if (reading.cluster) doubt_->cluster_ahead = cluster_ahead(reading);
    if (!doubt_->cluster_ahead && doubt_->ran >= enough_running) {
        believe(reading);
        return ClockChange::ended_unwitnessed;
    }
    return was_in_doubt ? ClockChange::none : ClockChange::doubt_began;
}

void ClockWitness::accept(ClockReading const& reading) {
    boot_ = Boot{reading.boot_id, reading.boot};
    trial_.reset();
    if (reading.cluster) learned_ = unless_small(cluster_ahead(reading));
    ahead_of_boot_ = Milliseconds::zero();
    believe(reading);
}

std::string ClockWitness::explain(Zone const& zone) const {
    if (!doubt_)
        return learned_ ? "the cluster's clock is constantly " + ahead_of(*learned_) + " this machine's"
                        : std::string();
    auto const record = record_ ? ", " + moment_text(*record_, zone) : std::string();
    std::string text;
    switch (doubt_->reason) {
        case Reason::stepped:
            text = std::string("the clock jumped ") + (doubt_->by < Milliseconds::zero() ? "back" : "ahead") + " by " +
                   length_text(abs(doubt_->by));
            break;
        case Reason::crept:
            text = std::string("small steps have set the clock ") +
                   (doubt_->by < Milliseconds::zero() ? "back" : "ahead") + " by " + length_text(abs(doubt_->by));
            break;
        case Reason::earlier:
        case Reason::later:
            text = "after the machine was restarted, the clock was " + ahead_of(doubt_->by) +
                   " the last recorded time" + record;
            break;
        case Reason::unrecorded: text = "there is no recorded time to compare the clock with"; break;
    }
    if (doubt_->cluster_ahead) return text + "; the cluster's clock is " + ahead_of(*doubt_->cluster_ahead) + " it";
    return text + "; the cluster's clock is not known: without it, the clock is accepted after " +
           length_text(enough_running) + " of running, " + length_text(doubt_->ran) + " so far";
}

std::string_view ClockWitness::word_of(Reason reason) {
    switch (reason) {
        case Reason::stepped: return "stepped";
        case Reason::crept: return "crept";
        case Reason::earlier: return "earlier";
        case Reason::later: return "later";
        case Reason::unrecorded: return "unrecorded";
    }
    return {};
}

std::string ClockWitness::text() const {
    std::string text;
    if (record_) text += format_rfc3339(*record_) + "\n";
    // Without an id, a restarted daemon could not tell whether it is still the same boot.
    bool const has_id = boot_ && !boot_->id.empty() && boot_->id.find_first_of(" \n") == std::string::npos;
    if (has_id) text += "boot " + number_text(boot_->at.time_since_epoch()) + " " + boot_->id + "\n";
    if (learned_) text += "learned " + number_text(*learned_) + "\n";
    if (trial_) text += "trial " + number_text(trial_->offset) + " " + number_text(trial_->held) + "\n";
    if (ahead_of_boot_ != Milliseconds::zero()) text += "pace " + number_text(ahead_of_boot_) + "\n";
    if (!doubt_) return text;
    text += "doubt " + std::string(word_of(doubt_->reason)) + " " + number_text(doubt_->by) + " " +
            number_text(doubt_->ran);
    if (doubt_->cluster_ahead) text += " " + number_text(*doubt_->cluster_ahead);
    return text + "\n";
}

std::optional<ClockWitness::Doubt> ClockWitness::doubt_from_words(std::string_view words) {
    constexpr std::array reasons{Reason::stepped, Reason::crept, Reason::earlier, Reason::later, Reason::unrecorded};
    auto const reason = std::ranges::find(reasons, take_word(words), word_of);
    auto const by = take_length(words);
    auto const ran = take_length(words);
    if (reason == reasons.end() || !by || !ran) return std::nullopt;
    return Doubt{*reason, *by, std::max(*ran, Milliseconds::zero()), take_length(words)};
}

void ClockWitness::read_line(std::string_view line) {
    auto const whole = line;
    auto const word = take_word(line);
    if (word == "boot") {
        auto const at = take_length(line);
        if (at && !line.empty()) boot_ = Boot{std::string(line), SteadyTime{*at}};
    } else if (word == "learned") {
        learned_ = take_length(line);
    } else if (word == "pace") {
        ahead_of_boot_ = take_length(line).value_or(Milliseconds::zero());
    } else if (word == "trial") {
        auto const offset = take_length(line);
        auto const held = take_length(line);
        if (offset && held) trial_ = Trial{*offset, *held};
    } else if (word == "doubt") {
        doubt_ = doubt_from_words(line);
    } else if (auto const time = parse_rfc3339(whole)) {
        record_ = *time;
    }
}

ClockWitness ClockWitness::from_text(std::string_view text) {
    ClockWitness witness;
    while (!text.empty()) {
        auto const line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        witness.read_line(line);
    }
    return witness;
}

}  // namespace sb::core
