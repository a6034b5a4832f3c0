#include "ctl/follow/job_view.hpp"
#include "ctl/follow/progress_line.hpp"
#include "ctl/render/text.hpp"

namespace sb::ctl {
namespace {

class PlainJobView final : public JobView {
public:
    PlainJobView(Console& console, std::ostream& out, bool all) : console_(console), out_(out), all_(all) {}

    void show(rpc::JobInfo const& job) override {
        // The end of a single job is printed by its follower, in a sentence.
        if (!all_ && has_ended(job)) return;
        auto const line = lines_.line_for(job, all_);
        if (!line) return;
        if (all_) out_ << clock_text(console_.now(), console_.render_options()) << ' ';
        out_ << *line << '\n' << std::flush;
    }

    void notice(std::string const& line) override { console_.say(line); }
    void clear() override {}  // printed lines stay
    void finish() override {}

private:
    Console& console_;
    std::ostream& out_;
    bool all_;
    EventLines lines_;
};

}  // namespace

std::unique_ptr<JobView> plain_job_view(Console& console, std::ostream& out, bool all) {
    return std::make_unique<PlainJobView>(console, out, all);
}

}  // namespace sb::ctl
