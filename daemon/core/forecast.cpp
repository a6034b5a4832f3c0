#include "daemon/core/forecast.hpp"

#include "daemon/core/text.hpp"

#include <algorithm>
#include <deque>
#include <limits>
#include <map>

namespace sb::core {

using namespace std::chrono;

namespace {

/// With many VMs that become due one by one, planning at each of these moments would take minutes.
constexpr std::size_t many_vms = 1000;
constexpr minutes coarse_step{5};
constexpr minutes shortest_export{1};

struct VmForecast {
    std::string name;
    Milliseconds duration{0};
    std::uint64_t size_bytes = 0;
};

class Simulation {
public:
    Simulation(ForecastFacts facts, Zone const& zone, std::function<bool()> must_stop)
        : facts_(std::move(facts)),
          zone_(zone),
          must_stop_(std::move(must_stop)),
          slots_(std::max(facts_.settings.slots, 1)) {
        facts_.settings.paused = false;
        facts_.schedule.space = StorageSpace();  // how full the disk gets is computed separately
        facts_.schedule.storage_problem.clear();
        facts_.schedule.hold.clear();
        facts_.retention.storage_problem.clear();
        facts_.retention.hold.clear();
        facts_.retention.clock_doubt.clear();
        learn_durations_and_sizes();
        keep_what_counts();
        for (auto const& vm : facts_.in_progress) start(vm, facts_.schedule.now);
    }

    Forecast run(int days_ahead) {
        auto const end = now() + days{days_ahead};
        while (now() < end && !is_stopped()) {
            auto const& window = facts_.settings.timing.window;
            if (!is_open(window, now(), zone_)) {
                auto const opens = next_change(window, now(), zone_);
                if (!opens || *opens >= end) break;
                finish_until(*opens);
                facts_.schedule.now = *opens;
                facts_.schedule.failures.clear();
            }
            auto const closes =
                window.always_open() ? opening_after(window, now(), zone_) : next_change(window, now(), zone_);
            play_night(closes.value_or(end));
        }
        return std::move(forecast_);
    }

private:
    UtcTime now() const { return facts_.schedule.now; }
    bool is_stopped() const { return must_stop_ && must_stop_(); }

    void learn_durations_and_sizes() {
        for (auto const& c : queue(facts_.schedule, facts_.settings.timing, zone_))
            vms_[c.uuid] = {c.name, std::max<Milliseconds>(c.expected, shortest_export), c.allocation_bytes};
        std::map<VmUuid, UtcTime> newest;
        for (auto const& stored : facts_.retention.backups) {
            auto const it = vms_.find(stored.vm);
            if (stored.state != BackupState::complete || it == vms_.end() || stored.started < newest[stored.vm])
                continue;
            newest[stored.vm] = stored.started;
            it->second.size_bytes = stored.size_bytes;
        }
    }

    /// Only the newest copy of each VM that counts matters to the schedule.
    void keep_what_counts() {
        std::map<VmUuid, std::vector<Copy>> copies;
        for (auto& copy : facts_.schedule.copies) copies[copy.vm].push_back(std::move(copy));
        facts_.schedule.copies.clear();
        for (auto& [vm, of_vm] : copies)
            if (auto const newest = newest_that_counts(std::move(of_vm), now(), facts_.settings.timing, zone_))
                facts_.schedule.copies.push_back({vm, *newest});
    }

    void start(VmUuid const& vm, UtcTime at) {
        auto const& known = vms_[vm];
        running_.emplace(at + std::max<Milliseconds>(known.duration, shortest_export),
                         PlannedBackup{vm, known.name, at, at});
    }

    void finish_first() {
        auto const it = running_.begin();
        auto backup = it->second;
        backup.ends = it->first;
        running_.erase(it);
        auto const& known = vms_[backup.vm];
        if (known.size_bytes > facts_.free_bytes && !forecast_.disk_full_at) forecast_.disk_full_at = backup.ends;
        facts_.free_bytes -= std::min(known.size_bytes, facts_.free_bytes);
        std::erase_if(facts_.schedule.copies, [&](Copy const& copy) { return copy.vm == backup.vm; });
        facts_.schedule.copies.push_back({backup.vm, backup.starts});
        Stored stored;
        stored.name = moment_text(backup.starts, zone_) + " " + known.name;
        stored.state = BackupState::complete;
        stored.vm = backup.vm;
        stored.vm_name = known.name;
        stored.scheduled = stored.verified = true;
        stored.started = backup.starts;
        stored.completed = backup.ends;
        stored.size_bytes = known.size_bytes;
        facts_.retention.backups.push_back(std::move(stored));
        facts_.schedule.now = std::max(facts_.schedule.now, backup.ends);
        if (night_) night_->backed_up.push_back(std::move(backup));
    }

    void finish_until(UtcTime time) {
        while (!running_.empty() && running_.begin()->first <= time) finish_first();
    }

    /// All VMs that are ready now, in order, as if each had a slot.
    Plan plan_for_all() {
        std::vector<VmUuid> in_progress;
        for (auto const& [end, backup] : running_) in_progress.push_back(backup.vm);
        auto settings = facts_.settings;
        auto const wanted = in_progress.size() + facts_.schedule.vms.size();
        settings.slots = static_cast<int>(std::min<std::size_t>(wanted, std::numeric_limits<int>::max()));
        return plan(facts_.schedule, settings, in_progress, zone_);
    }

    void play_night(UtcTime closes) {
        Night night;
        night.opens = now();
        night.closes = closes;
        night_ = &night;
        while (now() < closes && !is_stopped()) {
            auto const preview = plan_for_all();
            auto next_plan = std::min(preview.wake_at.value_or(closes), closes);
            if (facts_.schedule.vms.size() > many_vms)
                next_plan = std::min(std::max(next_plan, now() + coarse_step), closes);
            serve(std::deque(preview.start.begin(), preview.start.end()), next_plan);
        }
        // The plan for the moment after closing shows which VMs are still due.
        auto at_close = plan_for_all();
        for (auto& skipped : at_close.skipped)
            if (skipped.reason == Skip::window_closed) night.not_reached.push_back(std::move(skipped));
        if (facts_.settings.timing.window.always_open()) finish_until(now());
        else
            while (!running_.empty()) finish_first();
        night.ends = night.backed_up.empty() ? night.opens : night.backed_up.back().ends;
        clean_up(night);
        night.free_bytes = facts_.free_bytes;
        night_ = nullptr;
        forecast_.nights.push_back(std::move(night));
    }

    void serve(std::deque<VmUuid> ready, UtcTime until) {
        while (now() < until) {
            while (!ready.empty() && running_.size() < static_cast<std::size_t>(slots_)) {
                start(ready.front(), now());
                ready.pop_front();
            }
            if (running_.empty() || running_.begin()->first > until) facts_.schedule.now = until;
            else finish_first();
        }
        finish_until(until);
    }

    void clean_up(Night& night) {
        facts_.retention.now = now();
        auto const verdicts = evaluate_retention(facts_.retention, facts_.policy, zone_);
        night.confirmation_needed = needs_confirmation(verdicts);
        if (night.confirmation_needed) return;
        std::vector<Stored> kept;
        kept.reserve(verdicts.size());
        for (std::size_t i = 0; i < verdicts.size(); ++i) {
            auto& stored = facts_.retention.backups[i];
            if (verdicts[i].keep) {
                kept.push_back(std::move(stored));
                continue;
            }
            facts_.free_bytes += stored.size_bytes;
            night.deleted.push_back({stored.name, stored.vm_name, verdicts[i].rule});
        }
        facts_.retention.backups = std::move(kept);
    }

    ForecastFacts facts_;
    Zone const& zone_;
    std::function<bool()> must_stop_;
    int slots_;
    std::map<VmUuid, VmForecast> vms_;
    std::multimap<UtcTime, PlannedBackup> running_;  ///< by end
    Night* night_ = nullptr;
    Forecast forecast_;
};

}  // namespace

Result<void> check_forecast_size(int days, std::size_t vms) {
    if (static_cast<std::size_t>(std::max(days, 0)) * vms <= max_simulated_vm_days) return {};
    return Error{Errc::invalid_params, std::to_string(days) + " days are too many for " + std::to_string(vms) +
                                           " VMs; ask for at most " +
                                           std::to_string(std::max<std::size_t>(max_simulated_vm_days / vms, 1))};
}

Forecast simulate(ForecastFacts facts, int days, Zone const& zone, std::function<bool()> must_stop) {
    return Simulation(std::move(facts), zone, std::move(must_stop)).run(std::clamp(days, 0, 366));
}

}  // namespace sb::core
