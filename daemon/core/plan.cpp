#include "daemon/core/plan.hpp"

#include "common/text/ascii.hpp"
#include "daemon/core/text.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>
#include <unordered_set>

namespace sb::core {

namespace {

void set_earliest(std::optional<UtcTime>& earliest, std::optional<UtcTime> time) {
    if (time && (!earliest || *time < *earliest)) earliest = time;
}

void set_window_times(Plan& plan, DailyWindow window, UtcTime now, Zone const& zone) {
    plan.window_open = is_open(window, now, zone);
    auto const change = next_change(window, now, zone);
    if (!change) return;
    auto const after = next_change(window, *change, zone);
    plan.opens = plan.window_open ? after : change;
    plan.closes = plan.window_open ? change : after;
}

/// The reason that keeps all VMs from starting, if there is one.
std::optional<Skipped> common_reason(Plan const& plan, Facts const& facts, Settings const& settings) {
    Skipped all;
    if (settings.paused) {
        all.reason = Skip::paused;
        return all;
    }
    if (!facts.storage_problem.empty()) {
        all.reason = Skip::storage_in_doubt;
        all.detail = facts.storage_problem;
        return all;
    }
    if (!facts.hold.empty()) {
        all.reason = Skip::on_hold;
        all.detail = facts.hold;
        return all;
    }
    if (!plan.window_open) {
        all.reason = Skip::window_closed;
        all.until = plan.opens;
        return all;
    }
    return std::nullopt;
}

/// When it should have been backed up; nothing if that is not known.
std::optional<UtcTime> was_due(Candidate const& c, Facts const& facts, Settings const& settings, Zone const& zone) {
    if (c.last_backup) return c.due;
    auto const seen = facts.first_seen.find(c.uuid);
    if (seen == facts.first_seen.end()) return std::nullopt;
    return add(seen->second, settings.timing.interval, zone);
}

void note_if_behind(Plan& plan, Candidate const& c, Facts const& facts, Settings const& settings, Zone const& zone) {
    auto const due = was_due(c, facts, settings, zone);
    // A negative tolerance makes no VM late, and most VMs need no arithmetic.
    if (!settings.tolerance || !due || facts.now <= *due) return;
    if (facts.now > add(*due, *settings.tolerance, zone)) plan.behind.push_back({c.uuid, c.name, c.last_backup, *due});
}

/// Moves the names out of the candidate, which is not used afterwards.
Skipped skip(Candidate& c, Skip reason, std::optional<UtcTime> until) {
    return {.vm = std::move(c.uuid), .name = std::move(c.name), .reason = reason, .until = until};
}

/// The reason that keeps this VM from starting, if there is one.
std::optional<Skipped> own_reason(Candidate& c, Facts const& facts, std::unordered_set<VmUuid> const& in_progress) {
    auto const now = facts.now;
    if (in_progress.contains(c.uuid)) {
        auto const unnamed = facts.unnamed.find(c.uuid);
        auto busy = skip(c, Skip::in_progress, std::nullopt);
        if (unnamed != facts.unnamed.end()) busy.detail = unnamed->second;
        return busy;
    }
    if (c.due > now) return skip(c, Skip::not_due, c.due);
    if (c.ready <= now) return std::nullopt;
    auto waiting = skip(c, Skip::backing_off, c.ready);
    waiting.failures = c.failures.count;
    waiting.detail = std::move(c.failures.reason);
    return waiting;
}

}  // namespace

bool has_tag(Vm const& vm, std::string_view tag) {
    auto const wanted = trimmed(tag, spaces_and_line_ends);
    for (std::string_view list : vm.tags) {
        for (;;) {
            auto const comma = list.find(',');
            if (trimmed(list.substr(0, comma), spaces_and_line_ends) == wanted) return true;
            if (comma == std::string_view::npos) break;
            list.remove_prefix(comma + 1);
        }
    }
    return false;
}

Plan plan(Facts const& facts, Settings const& settings, std::vector<VmUuid> const& in_progress, Zone const& zone) {
    Plan plan;
    set_window_times(plan, settings.timing.window, facts.now, zone);
    set_earliest(plan.wake_at, plan.window_open ? plan.closes : plan.opens);

    std::vector<Vm const*> wanted;
    std::vector<Skipped> excluded;
    bool any_has_the_tag = false;
    for (auto const& vm : facts.vms) {
        bool const tagged = !settings.tag || has_tag(vm, *settings.tag);
        any_has_the_tag = any_has_the_tag || tagged;
        auto why_not = why_not_eligible(vm);
        if (tagged && why_not.empty()) wanted.push_back(&vm);
        else if (!why_not.empty())
            excluded.push_back(
                {.vm = vm.uuid, .name = vm.name, .reason = Skip::not_eligible, .detail = std::move(why_not)});
        else excluded.push_back({.vm = vm.uuid, .name = vm.name, .reason = Skip::wrong_tag});
    }
    plan.tag_matches_nothing = settings.tag && facts.vms_known && !any_has_the_tag;

    auto const common = common_reason(plan, facts, settings);
    std::unordered_set<VmUuid> const busy(in_progress.begin(), in_progress.end());
    auto const slots = static_cast<std::size_t>(std::max(settings.slots, 0));
    auto const free = slots - std::min(slots, in_progress.size());
    auto space = facts.space;
    auto queued = queue(wanted, facts, settings.timing, zone);
    plan.skipped.reserve(queued.size() + excluded.size());
    for (auto& c : queued) {
        note_if_behind(plan, c, facts, settings, zone);
        if (auto own = own_reason(c, facts, busy)) {
            if (!common) set_earliest(plan.wake_at, own->until);
            plan.skipped.push_back(std::move(*own));
        } else if (common) {
            plan.skipped.push_back(skip(c, common->reason, common->until));
            plan.skipped.back().detail = common->detail;
        } else if (plan.start.size() >= free) {
            plan.skipped.push_back(skip(c, Skip::no_free_slot, std::nullopt));
        } else if (auto no_space = why_no_space_for(c.uuid, space, c.size_bytes)) {
            // Smaller ones after it may fit.
            plan.skipped.push_back(skip(c, Skip::no_space, std::nullopt));
            plan.skipped.back().detail = std::move(*no_space);
        } else {
            space.claimed_bytes += c.size_bytes;
            plan.start.push_back(std::move(c.uuid));
        }
    }
    std::ranges::sort(excluded, {}, [](Skipped const& s) { return std::tie(s.name, s.vm); });
    std::ranges::move(excluded, std::back_inserter(plan.skipped));
    return plan;
}

std::vector<std::string> not_reached(Facts facts, Settings settings, std::vector<VmUuid> const& in_progress,
                                     UtcTime closed, Zone const& zone) {
    std::vector<std::string> names;
    if (settings.paused) return names;
    facts.now = closed - Milliseconds{1};
    facts.storage_problem.clear();
    facts.hold.clear();
    facts.space = StorageSpace();
    settings.slots = std::numeric_limits<int>::max();
    std::map<VmUuid, std::string> name_of_vm;
    for (auto const& vm : facts.vms) name_of_vm[vm.uuid] = vm.name;
    for (auto const& vm : plan(facts, settings, in_progress, zone).start)
        if (!facts.failures.contains(vm)) names.push_back(name_of_vm[vm]);
    return names;
}

std::optional<Error> why_withdrawn(Settings const& settings, Vm const* vm, UtcTime now, Zone const& zone) {
    if (settings.paused) return Error{Errc::cancelled, "it was not ordered: the schedule is paused"};
    if (vm != nullptr && settings.tag && !has_tag(*vm, *settings.tag))
        return Error{Errc::cancelled, "it was not ordered: the VM no longer has the tag '" + *settings.tag + "'"};
    auto const excluded = vm != nullptr ? why_not_eligible(*vm) : std::string();
    if (!excluded.empty()) return Error{Errc::cancelled, "it was not ordered: " + excluded};
    if (!is_open(settings.timing.window, now, zone))
        return Error{Errc::timed_out, "it was not ordered: the backup window has closed"};
    return std::nullopt;
}

bool waits_for_a_slot(Plan const& plan) {
    return plan.window_open &&
           std::ranges::any_of(plan.skipped, [](Skipped const& s) { return s.reason == Skip::no_free_slot; });
}

bool has_retries_ahead(Plan const& plan) {
    return plan.window_open && std::ranges::any_of(plan.skipped, [&](Skipped const& skipped) {
               return skipped.reason == Skip::backing_off && skipped.until &&
                      (!plan.closes || *skipped.until < *plan.closes);
           });
}

std::vector<std::string> held_back(Plan const& plan) {
    using enum Skip;
    std::vector<std::string> names;
    for (auto const& s : plan.skipped)
        if (s.reason == no_free_slot || s.reason == no_space || s.reason == storage_in_doubt || s.reason == on_hold)
            names.push_back(s.name);
    return names;
}

std::string explain(Skipped const& s, Zone const& zone) {
    auto const until = s.until ? moment_text(*s.until, zone) : std::string("an unknown time");
    switch (s.reason) {
        case Skip::not_eligible: return s.detail;
        case Skip::wrong_tag: return "it does not have the tag set in [Schedule] Tag";
        case Skip::in_progress: return s.detail.empty() ? "a backup of it is running or queued" : s.detail;
        case Skip::not_due: return "it is not due until " + until;
        case Skip::backing_off:
            return "it failed " + (s.failures == 1 ? std::string("once") : std::to_string(s.failures) + " times") +
                   " in this window; next attempt at " + until + (s.detail.empty() ? "" : "; last error: " + s.detail);
        case Skip::paused: return "the schedule is paused; to resume it: scale-backupctl resume";
        case Skip::storage_in_doubt:
        case Skip::on_hold: return s.detail;
        case Skip::no_space: return s.detail;
        case Skip::window_closed: return "the backup window is closed until " + until;
        case Skip::no_free_slot: return "waiting for a free export slot";
    }
    return {};
}

}  // namespace sb::core
