#include "daemon/core/why.hpp"

#include "common/text/duration_text.hpp"
#include "common/text/shell_word.hpp"
#include "daemon/core/text.hpp"

#include <algorithm>
#include <cstdint>
#include <map>

namespace sb::core {

namespace {

/// One VM's copies with their verdicts, newest first.
struct EvaluatedCopy {
    Stored const* copy;
    Verdict const* verdict;
};

/// "it is first", "1 VM goes first", "4 VMs go first".
std::string place_text(std::int64_t before) {
    if (before == 0) return "it is first";
    return count_text(before, "VM") + (before == 1 ? " goes first" : " go first");
}

/// What keeps all VMs, or this one, from starting for an unknown time: "... as soon as", "... if ... by then".
std::string what_must_end(Skip reason) {
    switch (reason) {
        case Skip::paused: return "the schedule is resumed";
        case Skip::storage_in_doubt: return "LocalPath can be used again";
        case Skip::on_hold: return "orders are possible again";
        case Skip::no_space: return "there is enough space";
        default: return {};
    }
}

class Explanation {
public:
    Explanation(VmUuid const& vm, ForecastFacts const& facts, Zone const& zone, std::function<bool()> must_stop)
        : uuid_(vm),
          facts_(facts),
          zone_(zone),
          must_stop_(std::move(must_stop)),
          verdicts_(evaluate_retention(facts.retention, facts.policy, zone)) {
        for (std::size_t i = 0; i < verdicts_.size(); ++i)
            if (facts.retention.backups[i].vm == vm || counts_for(facts.retention.backups[i]) == vm)
                copies_.push_back({&facts.retention.backups[i], &verdicts_[i]});
        std::ranges::sort(copies_, [](auto const& a, auto const& b) { return a.copy->started > b.copy->started; });
        auto const it = std::ranges::find(facts.schedule.vms, vm, &Vm::uuid);
        if (it != facts.schedule.vms.end()) vm_ = &*it;
    }

    std::vector<std::string> sentences(std::optional<LastFailure> const& failure, int days_ahead) {
        explain_existence();
        explain_links();
        explain_backups();
        if (failure) add("Its last failed attempt ended at " + moment(failure->at) + ": " + failure->error);
        if (vm_) explain_schedule(days_ahead);
        explain_copies();
        return std::move(sentences_);
    }

private:
    void add(std::string text) {
        if (text.empty()) return;
        if (!text.ends_with('.')) text += '.';
        sentences_.push_back(std::move(text));
    }

    std::string moment(UtcTime time) const { return moment_text(time, zone_); }
    UtcTime now() const { return facts_.schedule.now; }

    void explain_existence() {
        if (vm_) return;
        add(facts_.schedule.vms_known ? "The cluster no longer has a VM with the uuid " + uuid_.text()
                                      : "The cluster cannot be reached, so it is not known whether the VM is due");
    }

    /// A VM that another one continues, or may continue; and the other way round.
    void explain_links() {
        std::map<VmUuid, std::int64_t> earlier;
        for (auto const& [copy, verdict] : copies_) {
            if (copy->linked_to.empty()) continue;
            if (copy->linked_to == uuid_) ++earlier[copy->vm];
            else if (copy->vm == uuid_) linked_to_ = copy->linked_to;
        }
        for (auto const& [vm, count] : earlier)
            add("It continues VM " + vm.text() + ", which the cluster no longer has, and whose " +
                count_text(count, "backup") + (count == 1 ? " counts" : " count") +
                " as its own. To end that: " + suggested_command("link --undo", {vm.text()}));
        if (!linked_to_.empty())
            add("VM " + linked_to_.text() + " continues it: its backups count as that VM's. To end that: " +
                suggested_command("link --undo", {uuid_.text()}));
        for (auto const& possible : facts_.retention.possible_links)
            if (possible.earlier == uuid_ || possible.later == uuid_)
                add(text_of(possible) + ". Until that is decided, these backups are kept. " + how_to_link(possible));
    }

    void explain_backups() {
        auto const counts = [](EvaluatedCopy const& c) { return last_known_state(*c.copy) == BackupState::complete; };
        auto const scheduled = std::ranges::find_if(copies_, [&](auto const& c) {
            return counts(c) && c.copy->scheduled && c.copy->started <= now() + clock_slack;
        });
        auto const by_hand =
            std::ranges::find_if(copies_, [&](auto const& c) { return counts(c) && !c.copy->scheduled; });
        if (scheduled == copies_.end()) add("It has no complete scheduled backup");
        else {
            auto const& copy = *scheduled->copy;
            add("Its newest scheduled backup is '" + copy.name + "', started at " + moment(copy.started) +
                "; it took " + length_text(copy.completed - copy.started) +
                (copy.verified || copy.is_unanswered ? "" : " and has not been verified"));
        }
        explain_moved(scheduled == copies_.end() ? nullptr : scheduled->copy);
        if (by_hand < scheduled)
            add("Backup '" + by_hand->copy->name +
                "' is newer, but it is a manual backup and does not count for the schedule");
        for (auto const& [copy, verdict] : copies_) {
            if (copy->started > now() + clock_slack)
                add("Backup '" + copy->name + "' is dated in the future (" + moment(copy->started) +
                    ") and does not count; a clock was wrong");
            else if (copy->is_unanswered)
                add("The folder of backup '" + copy->name + "' does not answer" +
                    (last_known_state(*copy) == BackupState::complete
                         ? "; that proves no damage, so the backup counts for the schedule, but no backup of the VM is "
                           "deleted"
                         : std::string(", and it did not count before")));
            else if (copy->state == BackupState::complete && copy->scheduled && !copy->end_known)
                add("The cluster never reported the end of the export of backup '" + copy->name +
                    "'; such a copy does not count, so the VM is exported once more. Two of them within two intervals "
                    "count as one. To accept it after a test restore: " +
                    suggested_command("accept", {copy->name}));
            else if (copy->state != BackupState::complete)
                add("Backup '" + copy->name + "' is " + std::string(name_of(copy->state)) + " and does not count");
        }
    }

    /// A backup that succeeded and is gone still counts for the schedule.
    void explain_moved(Stored const* newest) {
        std::optional<UtcTime> started;
        for (auto const& copy : facts_.schedule.copies)
            if (copy.vm == uuid_ && copy.started <= now() + clock_slack)
                started = std::max(started.value_or(copy.started), copy.started);
        if (!started || (newest != nullptr && newest->started + std::chrono::seconds(1) > *started)) return;
        add("A backup that was started at " + moment(*started) +
            " succeeded, but is no longer in LocalPath as it was. It counts for the schedule: the VM is exported again "
            "after its interval");
    }

    void explain_schedule(int days_ahead) {
        auto const plan = core::plan(facts_.schedule, facts_.settings, facts_.in_progress, zone_);
        auto const late = std::ranges::find(plan.behind, uuid_, &Behind::vm);
        auto const skipped = std::ranges::find(plan.skipped, uuid_, &Skipped::vm);
        if (skipped == plan.skipped.end()) {
            add("It is due and starts now");
        } else {
            bool const is_due = skipped->reason != Skip::not_eligible && skipped->reason != Skip::wrong_tag &&
                                skipped->reason != Skip::in_progress && skipped->reason != Skip::not_due;
            if (skipped->reason == Skip::no_free_slot) {
                auto const waiting =
                    std::ranges::count(plan.skipped.begin(), skipped, Skip::no_free_slot, &Skipped::reason);
                add("Waiting for a free export slot; " + place_text(std::ssize(plan.start) + waiting));
            } else {
                add((is_due ? "It is due but does not start: " : "It does not start now: ") + explain(*skipped, zone_));
            }
        }
        if (late != plan.behind.end())
            add("It is late: due since " + moment(late->due) + ", and Tolerance is " +
                duration_text(*facts_.settings.tolerance));
        if (skipped != plan.skipped.end() && skipped->reason != Skip::in_progress)
            explain_expectation(*skipped, days_ahead);
    }

    void explain_expectation(Skipped const& skipped, int days_ahead) {
        if (skipped.reason == Skip::not_eligible || skipped.reason == Skip::wrong_tag) return;
        auto const forecast = simulate(facts_, days_ahead, zone_, must_stop_);
        for (auto const& night : forecast.nights) {
            auto const planned = std::ranges::find(night.backed_up, uuid_, &PlannedBackup::vm);
            if (planned == night.backed_up.end()) continue;
            auto const before =
                std::ranges::count_if(night.backed_up, [&](auto const& s) { return s.starts < planned->starts; });
            auto const length = length_text(planned->ends - planned->starts);
            // The simulation assumes that what holds the VM up now is over.
            auto const condition = what_must_end(skipped.reason);
            if (!condition.empty() && planned->starts <= now()) {
                std::string text = "It is expected to start as soon as ";
                text.append(condition).append(", and to take about ").append(length);
                return add(std::move(text));
            }
            add("It is expected to start at about " + moment(planned->starts) + " and to take about " + length + "; " +
                place_text(before) + " in that window" + (condition.empty() ? "" : ", if " + condition + " by then"));
            return;
        }
        add("It is not expected to be backed up within the next " + count_text(days_ahead, "day"));
    }

    void explain_copies() {
        int place = 0;
        for (auto const& [copy, verdict] : copies_) {
            auto text = "'" + copy->name + "': " + explain(*verdict, facts_.policy);
            bool const ruled = copy->state == BackupState::complete && copy->scheduled && !copy->is_protected &&
                               verdict->reason != Reason::renamed_by_hand;
            if (ruled) ++place;
            if (verdict->reason == Reason::within_rules) {
                auto const later = future_of(*copy, place, facts_.policy, zone_);
                if (!later.empty()) text += "; " + later;
            }
            add(std::move(text));
        }
    }

    VmUuid const& uuid_;
    ForecastFacts const& facts_;
    Zone const& zone_;
    std::function<bool()> must_stop_;
    std::vector<Verdict> verdicts_;
    std::vector<EvaluatedCopy> copies_;
    Vm const* vm_ = nullptr;
    VmUuid linked_to_;  ///< the VM that continues it; empty = none
    std::vector<std::string> sentences_;
};

}  // namespace

std::vector<std::string> why(VmUuid const& vm, ForecastFacts const& facts, std::optional<LastFailure> const& failure,
                             int days_ahead, Zone const& zone, std::function<bool()> must_stop) {
    return Explanation(vm, facts, zone, std::move(must_stop)).sentences(failure, days_ahead);
}

std::string future_of(Stored const& copy, int place, RetentionPolicy const& policy, Zone const& zone) {
    std::string text;
    if (policy.max_backups) {
        auto const more = std::max(*policy.max_backups, 1) - place + 1;
        text = "MaxBackups (" + std::to_string(*policy.max_backups) + ") deletes it after " +
               count_text(more, "more backup");
    }
    if (policy.max_age) {
        if (!text.empty()) text += ", ";
        text += "MaxAge (" + duration_text(*policy.max_age) + ")" + (policy.max_backups ? "" : " deletes it") +
                " after " + moment_text(add(copy.started, *policy.max_age, zone), zone);
    }
    if (!text.empty()) text += ", once a newer backup has been verified";
    return text;
}

}  // namespace sb::core
