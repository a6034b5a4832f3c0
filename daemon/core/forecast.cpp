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
    Simulation(ForecastFacts facts, Zone const& zone)
        : f_(std::move(facts)), zone_(zone), slots_(std::max(f_.settings.slots, 1)) {
        f_.settings.paused = false;
        f_.schedule.last_recorded.reset();
        f_.schedule.space = StorageSpace();  // how full the disk gets is computed separately
        f_.schedule.storage_problem.clear();
        f_.retention.storage_problem.clear();
        learn_durations_and_sizes();
        keep_what_counts();
        for (auto const& vm : f_.in_progress) start(vm, f_.schedule.now);
    }

    Forecast run(int days_ahead) {
        auto const end = now() + days{days_ahead};
        while (now() < end) {
            auto const& window = f_.settings.timing.window;
            if (!is_open(window, now(), zone_)) {
                auto const opens = next_change(window, now(), zone_);
                if (!opens || *opens >= end) break;
                finish_until(*opens);
                f_.schedule.now = *opens;
                f_.schedule.failures.clear();
            }
            auto const closes =
                window.always_open() ? opening_after(window, now(), zone_) : next_change(window, now(), zone_);
            play_night(closes.value_or(end));
        }
        return std::move(forecast_);
    }

private:
    UtcTime now() const { return f_.schedule.now; }

    void learn_durations_and_sizes() {
        for (auto const& c : queue(f_.schedule, f_.settings.timing, zone_))
            preview_[c.uuid] = {c.name, std::max<Milliseconds>(c.expected, shortest_export), c.allocation_bytes};
        std::map<VmUuid, UtcTime> newest;
        for (auto const& stored : f_.retention.backups) {
            auto const it = preview_.find(stored.vm);
            if (stored.state != BackupState::complete || it == preview_.end() || stored.started < newest[stored.vm])
                continue;
            newest[stored.vm] = stored.started;
            it->second.size_bytes = stored.size_bytes;
        }
    }

    /// Only the newest copy of each VM matters to the schedule.
    void keep_what_counts() {
        std::map<VmUuid, UtcTime> newest;
        for (auto const& copy : f_.schedule.copies) {
            if (copy.started > now() + clock_slack) continue;
            auto& of_vm = newest.try_emplace(copy.vm, copy.started).first->second;
            of_vm = std::max(of_vm, copy.started);
        }
        f_.schedule.copies.clear();
        for (auto const& [vm, started] : newest) f_.schedule.copies.push_back({vm, started});
    }

    void start(VmUuid const& vm, UtcTime at) {
        auto const& known = preview_[vm];
        running_.emplace(at + std::max<Milliseconds>(known.duration, shortest_export),
                         PlannedBackup{vm, known.name, at, at});
    }

    void finish_first() {
        auto const it = running_.begin();
        auto served = it->second;
        served.ends = it->first;
        running_.erase(it);
        auto const& known = preview_[served.vm];
        if (known.size_bytes > f_.free_bytes && !forecast_.disk_full_at) forecast_.disk_full_at = served.ends;
        f_.free_bytes -= std::min(known.size_bytes, f_.free_bytes);
        std::erase_if(f_.schedule.copies, [&](Copy const& copy) { return copy.vm == served.vm; });
        f_.schedule.copies.push_back({served.vm, served.starts});
        Stored stored;
        stored.name = moment_text(served.starts, zone_) + " " + known.name;
        stored.state = BackupState::complete;
        stored.vm = served.vm;
        stored.vm_name = known.name;
        stored.scheduled = stored.verified = true;
        stored.started = served.starts;
        stored.completed = served.ends;
        stored.size_bytes = known.size_bytes;
        f_.retention.backups.push_back(std::move(stored));
        f_.schedule.now = std::max(f_.schedule.now, served.ends);
        if (night_) night_->backed_up.push_back(std::move(served));
    }

    void finish_until(UtcTime time) {
        while (!running_.empty() && running_.begin()->first <= time) finish_first();
    }

    /// All VMs that are ready now, in order, as if each had a slot.
    Plan plan_for_all() {
        std::vector<VmUuid> in_progress;
        for (auto const& [end, served] : running_) in_progress.push_back(served.vm);
        auto settings = f_.settings;
        auto const wanted = in_progress.size() + f_.schedule.vms.size();
        settings.slots = static_cast<int>(std::min<std::size_t>(wanted, std::numeric_limits<int>::max()));
        return plan(f_.schedule, settings, in_progress, zone_);
    }

    void play_night(UtcTime closes) {
        Night night;
        night.opens = now();
        night.closes = closes;
        night_ = &night;
        while (now() < closes) {
            auto const preview = plan_for_all();
            auto next_plan = std::min(preview.wake_at.value_or(closes), closes);
            if (f_.schedule.vms.size() > many_vms)
                next_plan = std::min(std::max(next_plan, now() + coarse_step), closes);
            serve(std::deque(preview.start.begin(), preview.start.end()), next_plan);
        }
        // The plan for the moment after closing shows which VMs are still due.
        auto at_close = plan_for_all();
        for (auto& skipped : at_close.skipped)
            if (skipped.reason == Skip::window_closed) night.not_reached.push_back(std::move(skipped));
        if (f_.settings.timing.window.always_open()) finish_until(now());
        else
            while (!running_.empty()) finish_first();
        night.ends = night.backed_up.empty() ? night.opens : night.backed_up.back().ends;
        clean_up(night);
        night.free_bytes = f_.free_bytes;
        night_ = nullptr;
        forecast_.nights.push_back(std::move(night));
    }

    void serve(std::deque<VmUuid> ready, UtcTime until) {
        while (now() < until) {
            while (!ready.empty() && running_.size() < static_cast<std::size_t>(slots_)) {
                start(ready.front(), now());
                ready.pop_front();
            }
            if (running_.empty() || running_.begin()->first > until) f_.schedule.now = until;
            else finish_first();
        }
        finish_until(until);
    }

    void clean_up(Night& night) {
        f_.retention.now = now();
        auto const verdicts = evaluate_retention(f_.retention, f_.policy, zone_);
        night.confirmation_needed = needs_confirmation(verdicts);
        if (night.confirmation_needed) return;
        std::vector<Stored> kept;
        kept.reserve(verdicts.size());
        for (std::size_t i = 0; i < verdicts.size(); ++i) {
            auto& stored = f_.retention.backups[i];
            if (verdicts[i].keep) {
                kept.push_back(std::move(stored));
                continue;
            }
            f_.free_bytes += stored.size_bytes;
            night.deleted.push_back({stored.name, stored.vm_name, verdicts[i].rule});
        }
        f_.retention.backups = std::move(kept);
    }

    ForecastFacts f_;
    Zone const& zone_;
    int slots_;
    std::map<VmUuid, VmForecast> preview_;
    std::multimap<UtcTime, PlannedBackup> running_;  ///< by end
    Night* night_ = nullptr;
    Forecast forecast_;
};

}  // namespace

Forecast simulate(ForecastFacts facts, int days, Zone const& zone) {
    return Simulation(std::move(facts), zone).run(std::clamp(days, 0, 366));
}

}  // namespace sb::core
