#include "daemon/core/due.hpp"

#include "daemon/core/interner.hpp"

#include <algorithm>
#include <array>

namespace sb::core {

using namespace std::chrono;

namespace {

/// One occurrence of the window, and when VMs backed up in it are due again.
struct Occurrence {
    UtcTime opened;
    UtcTime next;  ///< opening of the next one
    UtcTime due_again;
};

Occurrence occurrence_at(UtcTime time, Timing const& timing, Zone const& zone) {
    auto const nominal = nominal_opening_before(timing.window, time, zone);
    auto const opened = first_moment_of(nominal, zone);
    auto const next = opening_after(timing.window, time, zone);
    // Counted from the nominal opening: a night on which the clock skips that time does not shift later nights.
    auto const passed = first_moment_of(nominal + days{timing.interval.days}, zone) + timing.interval.rest;
    return {opened, next, std::max(passed, next)};
}

/// Caches occurrences, because thousands of VMs are backed up in the same few.
class Occurrences {
public:
    Occurrences(Timing const& timing, Zone const& zone) : timing_(timing), zone_(zone) {}

    Occurrence const& at(UtcTime time) {
        auto it = known_.upper_bound(time);
        if (it != known_.begin() && time < std::prev(it)->second.next) return std::prev(it)->second;
        auto const found = occurrence_at(time, timing_, zone_);
        return known_.insert_or_assign(found.opened, found).first->second;
    }

private:
    Timing const& timing_;
    Zone const& zone_;
    std::map<UtcTime, Occurrence> known_;
};

UtcTime due_again(UtcTime started, Occurrence const& window, Timing const& timing, Zone const& zone) {
    return std::min(add(started, timing.interval, zone), window.due_again);
}

bool is_within_two_intervals(UtcTime newer, UtcTime older, Timing const& timing, Zone const& zone) {
    return newer <= add(add(older, timing.interval, zone), timing.interval, zone);
}

}  // namespace

UtcTime due_again(UtcTime started, Timing const& timing, Zone const& zone) {
    return due_again(started, occurrence_at(started, timing, zone), timing, zone);
}

std::optional<UtcTime> newest_that_counts(std::vector<Copy> copies, UtcTime now, Timing const& timing,
                                          Zone const& zone) {
    std::erase_if(copies, [&](Copy const& copy) { return copy.started > now + clock_slack; });
    std::ranges::sort(copies, std::ranges::greater{}, &Copy::started);
    for (std::size_t i = 0; i < copies.size(); ++i) {
        if (copies[i].end_known) return copies[i].started;
        if (i + 1 == copies.size() || copies[i + 1].end_known) continue;
        if (is_within_two_intervals(copies[i].started, copies[i + 1].started, timing, zone)) return copies[i].started;
    }
    return std::nullopt;
}

UtcTime retry_at(Failures const& failures) {
    if (failures.count == 0) return beginning_of_time;
    if (failures.has_cause_ended) return failures.last;
    minutes pause{5};
    for (int i = 1; i < failures.count && pause < hours{1}; ++i) pause *= 2;
    return failures.last + std::min<minutes>(pause, hours{1});
}

namespace {

struct Ranked {
    Candidate candidate;
    bool ready = false;
    UtcTime served_in = beginning_of_time;  ///< opening of the window of its last backup
    std::array<std::int64_t, 6> rank{};     ///< compared in this order; then name and uuid

    void set_rank() {
        auto const& c = candidate;
        auto const number = [](UtcTime time) { return time.time_since_epoch().count(); };
        rank = {ready ? 0 : 1,     ready ? 0 : number(c.ready), c.failures.count,
                number(served_in), -c.expected.count(),         number(c.last_backup.value_or(beginning_of_time))};
    }

    bool goes_before(Ranked const& other) const {
        for (std::size_t i = 0; i < rank.size(); ++i)
            if (rank[i] != other.rank[i]) return rank[i] < other.rank[i];
        if (candidate.name != other.candidate.name) return candidate.name < other.candidate.name;
        return candidate.uuid < other.candidate.uuid;
    }
};

/// Bytes per millisecond, from the VMs with measured exports.
double measured_rate(std::vector<Ranked> const& ranked) {
    double bytes = 0;
    double length = 0;
    for (auto const& r : ranked) {
        if (!r.candidate.usual_duration) continue;
        bytes += static_cast<double>(r.candidate.allocation_bytes);
        length += static_cast<double>(r.candidate.usual_duration->count());
    }
    constexpr double guess = 100'000;  // 100 MB/s: the value does not matter, since it is the same for all VMs
    return length <= 0 || bytes <= 0 ? guess : bytes / length;
}

struct Newest {
    std::optional<UtcTime> started;
    bool end_known = true;  ///< of that one
    bool future = false;
};

/// Those of the VMs whose newest copy does not count as it is.
void judge_unknown_ends(std::vector<Newest>& newest, Interner const& numbers, Facts const& facts, Timing const& timing,
                        Zone const& zone) {
    std::map<std::size_t, std::vector<Copy>> copies;
    for (auto const& copy : facts.copies) {
        auto const number = numbers.find(copy.vm.text());
        if (number != Interner::none && !newest[number].end_known) copies[number].push_back(copy);
    }
    for (auto& [number, of_vm] : copies)
        newest[number].started = newest_that_counts(std::move(of_vm), facts.now, timing, zone);
}

/// For each of the VMs, in their order.
std::vector<Newest> newest_of_each(std::vector<Vm const*> const& vms, Facts const& facts, Timing const& timing,
                                   Zone const& zone) {
    Interner numbers;
    std::vector<std::size_t> number_of;
    number_of.reserve(vms.size());
    for (auto const* vm : vms) number_of.push_back(numbers.add(vm->uuid.text()));
    std::vector<Newest> newest(numbers.size());
    for (auto const& copy : facts.copies) {
        auto const number = numbers.find(copy.vm.text());
        if (number == Interner::none) continue;
        auto& copy_of_vm = newest[number];
        if (copy.started > facts.now + clock_slack) copy_of_vm.future = true;
        else if (!copy_of_vm.started || copy.started > *copy_of_vm.started) {
            copy_of_vm.started = copy.started;
            copy_of_vm.end_known = copy.end_known;
        }
    }
    judge_unknown_ends(newest, numbers, facts, timing, zone);
    std::vector<Newest> in_order;
    in_order.reserve(vms.size());
    for (auto const number : number_of) in_order.push_back(newest[number]);
    return in_order;
}

template <class Value>
Value const* find(std::map<VmUuid, Value> const& map, VmUuid const& uuid) {
    auto const it = map.find(uuid);
    return it == map.end() ? nullptr : &it->second;
}

}  // namespace

std::vector<Candidate> queue(std::vector<Vm const*> const& vms, Facts const& facts, Timing const& timing,
                             Zone const& zone) {
    auto const newest = newest_of_each(vms, facts, timing, zone);
    Occurrences occurrences(timing, zone);
    std::vector<Ranked> ranked;
    ranked.reserve(vms.size());
    for (std::size_t i = 0; i < vms.size(); ++i) {
        auto const* vm = vms[i];
        Ranked& r = ranked.emplace_back();
        auto& c = r.candidate;
        c.uuid = vm->uuid;
        c.name = vm->name;
        c.due = beginning_of_time;
        for (auto const& disk : vm->disks)
            if (is_exported(disk)) c.allocation_bytes += disk.allocation_bytes;
        auto const* const last_size = find(facts.last_sizes, vm->uuid);
        c.size_bytes = expected_size(vm->disks, last_size != nullptr ? *last_size : 0);
        c.last_backup = newest[i].started;
        c.copy_from_the_future = newest[i].future;
        if (auto const* length = find(facts.usual_durations, vm->uuid)) c.usual_duration = *length;
        if (c.last_backup) {
            auto const& window = occurrences.at(*c.last_backup);
            r.served_in = window.opened;
            c.due = due_again(*c.last_backup, window, timing, zone);
        }
        c.ready = c.due;
        if (auto const* failures = find(facts.failures, vm->uuid)) {
            c.failures = *failures;
            // A failure dated in the future means that the clock was set back: no reason to wait for that time.
            if (failures->last <= facts.now + clock_slack) c.ready = std::max(c.due, retry_at(*failures));
        }
        r.ready = c.ready <= facts.now;
    }
    auto const rate = measured_rate(ranked);
    for (auto& r : ranked) {
        auto const by_size = static_cast<std::int64_t>(static_cast<double>(r.candidate.allocation_bytes) / rate);
        r.candidate.expected = r.candidate.usual_duration.value_or(Milliseconds{by_size});
        r.set_rank();
    }
    std::vector<Ranked*> order;
    order.reserve(ranked.size());
    for (auto& r : ranked) order.push_back(&r);
    std::ranges::sort(order, [](Ranked const* a, Ranked const* b) { return a->goes_before(*b); });
    std::vector<Candidate> ordered;
    ordered.reserve(ranked.size());
    for (auto* r : order) ordered.push_back(std::move(r->candidate));
    return ordered;
}

std::vector<Candidate> queue(Facts const& facts, Timing const& timing, Zone const& zone) {
    std::vector<Vm const*> vms;
    vms.reserve(facts.vms.size());
    for (auto const& vm : facts.vms) vms.push_back(&vm);
    return queue(vms, facts, timing, zone);
}

}  // namespace sb::core
