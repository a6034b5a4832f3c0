#include "ctl/follow/job_view.hpp"
#include "ctl/follow/progress.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/follow/progress_line.hpp"
#include "ctl/render/text.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <map>
#include <optional>

namespace sb::ctl {
namespace {

constexpr Milliseconds shortest_pause{100};  // between two drawings
constexpr Milliseconds idle_pause{1000};     // the time left runs even if the daemon sends nothing
constexpr std::size_t most_bars = 12;

/// Shared with the timer's handler, which may run after the view is gone.
class LiveScreen : public std::enable_shared_from_this<LiveScreen> {
public:
    LiveScreen(asio::any_io_executor executor, Console& console, std::ostream& out, bool all)
        : console_(console), out_(out), timer_(std::move(executor)), all_(all) {}

    void show(rpc::JobInfo const& job) {
        if (has_ended(job)) {
            jobs_.erase(job.id);
            if (all_) print_above(out_, events_.line_for(job, true).value_or(""));
            return;
        }
        auto& tracked = jobs_[job.id];
        if (tracked.job.phase != job.phase) tracked.meter = {};
        tracked.job = job;
        if (job.phase == "following") tracked.meter.observe(console_.steady_now(), job.percent.value_or(0));
        request_drawing();
    }

    void print_above(std::ostream& where, std::string const& line) {
        if (finished_) return;
        out_ << lines_.erase() << std::flush;
        if (!line.empty()) where << line << '\n' << std::flush;
        draw();
    }

    void clear() { jobs_.clear(); }

    void finish() {
        if (finished_) return;
        finished_ = true;
        timer_.cancel();
        out_ << lines_.erase() << std::flush;
    }

    Console& console() { return console_; }

private:
    struct Tracked {
        rpc::JobInfo job;
        ProgressMeter meter;
    };

    void request_drawing() {
        auto const now = console_.steady_now();
        if (!drawn_at_ || now - *drawn_at_ >= shortest_pause) draw();
        else draw_after(shortest_pause - (now - *drawn_at_));
    }

    void draw_after(Milliseconds pause) {
        timer_.expires_after(pause);
        timer_.async_wait([screen = weak_from_this()](boost::system::error_code aborted) {
            auto const self = screen.lock();
            if (!aborted && self) self->draw();
        });
    }

    void draw() {
        if (finished_) return;
        out_ << lines_.redraw(lines()) << std::flush;
        drawn_at_ = console_.steady_now();
        draw_after(idle_pause);
    }

    std::vector<std::string> lines() const {
        // The last column stays free: some terminals wrap as soon as it is written.
        auto const width = std::max<std::size_t>(2, console_.terminal.width()) - 1;
        std::vector<std::string> lines;
        std::size_t running = 0;
        for (auto const& [id, tracked] : jobs_) {
            if (all_ && tracked.job.state == "queued") continue;
            if (++running > most_bars) continue;
            auto const forecast = tracked.meter.forecast(console_.steady_now(), tracked.job.expected_bytes);
            lines.push_back(progress_line(tracked.job, forecast, width));
        }
        if (all_) {
            auto const queued = jobs_.size() - running;
            auto const counts = std::to_string(running) + " running, " + std::to_string(queued) + " queued";
            lines.push_back(cut_to_width(counts, width));
        }
        return lines;
    }

    Console& console_;
    std::ostream& out_;
    asio::steady_timer timer_;
    bool all_;
    bool finished_ = false;
    LiveLines lines_;
    EventLines events_;
    std::map<JobId, Tracked> jobs_;
    std::optional<SteadyTime> drawn_at_;
};

class LiveJobView final : public JobView {
public:
    explicit LiveJobView(std::shared_ptr<LiveScreen> screen) : screen_(std::move(screen)) {}
    ~LiveJobView() override { screen_->finish(); }

    void show(rpc::JobInfo const& job) override { screen_->show(job); }
    void notice(std::string const& line) override { screen_->print_above(screen_->console().err, line); }
    void clear() override { screen_->clear(); }
    void finish() override { screen_->finish(); }

private:
    std::shared_ptr<LiveScreen> screen_;
};

}  // namespace

std::unique_ptr<JobView> live_job_view(asio::any_io_executor executor, Console& console, std::ostream& out, bool all) {
    return std::make_unique<LiveJobView>(std::make_shared<LiveScreen>(std::move(executor), console, out, all));
}

}  // namespace sb::ctl
