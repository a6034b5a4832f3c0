#include "daemon/core/forecast.hpp"

#include "daemon/core/text.hpp"

#include <algorithm>
#include <deque>
#include <limits>
#include <map>

namespace sb::core {

using namespace std::chrono;

namespace {

/// With many VMs that become due one by one, looking at each moment would take minutes.
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
        f_.schedule.room = StorageSpace();  // how full the disk gets is told apart from who starts when
        f_.schedule.storage_doubt.clear();
        f_.retention.storage_doubt.clear();
        learn_durations_and_sizes();
        keep_what_counts();
        for (auto const& vm : f_.in_hand) start(vm, f_.schedule.now);
    }

    Forecast run(int days_ahead) {
        auto const end = now() + days{days_ahead};
        while (now() < end) {
            auto const& window = f_.settings.rhythm.window;
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
        for (auto const& c : queue(f_.schedule, f_.settings.rhythm, zone_))
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

    /// Of the copies only each VM's newest matters to the schedule.
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
        running_.emplace(at + std::max<Milliseconds>(known.duration, shortest_export), Served{vm, known.name, at, at});
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
        if (night_) night_->served.push_back(std::move(served));
    }

    void finish_until(UtcTime time) {
        while (!running_.empty() && running_.begin()->first <= time) finish_first();
    }

    /// Everything that is ready now, in order, as if there were a slot for each.
    Plan plan_for_all() {
        std::vector<VmUuid> in_hand;
        for (auto const& [end, served] : running_) in_hand.push_back(served.vm);
        auto settings = f_.settings;
        auto const wanted = in_hand.size() + f_.schedule.vms.size();
        settings.slots = static_cast<int>(std::min<std::size_t>(wanted, std::numeric_limits<int>::max()));
        return plan(f_.schedule, settings, in_hand, zone_);
    }

    void play_night(UtcTime closes) {
        Night night;
        night.opens = now();
        night.closes = closes;
        night_ = &night;
        while (now() < closes) {
            auto const preview = plan_for_all();
            auto look_again = std::min(preview.wake_at.value_or(closes), closes);
            if (f_.schedule.vms.size() > many_vms)
                look_again = std::min(std::max(look_again, now() + coarse_step), closes);
            serve(std::deque(preview.start.begin(), preview.start.end()), look_again);
        }
        // Who is still due is told by the plan for the moment after closing.
        auto at_close = plan_for_all();
        for (auto& skipped : at_close.skipped)
            if (skipped.reason == Skip::window_closed) night.left_over.push_back(std::move(skipped));
        if (f_.settings.rhythm.window.always_open()) finish_until(now());
        else
            while (!running_.empty()) finish_first();
        night.ends = night.served.empty() ? night.opens : night.served.back().ends;
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
        auto const verdicts = judge(f_.retention, f_.policy, zone_);
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
    std::multimap<UtcTime, Served> running_;  ///< by end
    Night* night_ = nullptr;
    Forecast forecast_;
};

}  // namespace

Forecast simulate(ForecastFacts facts, int days, Zone const& zone) {
    return Simulation(std::move(facts), zone).run(std::clamp(days, 0, 366));
}

}  // namespace sb::core
