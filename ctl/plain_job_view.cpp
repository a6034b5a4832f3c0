#include "ctl/job_view.hpp"
#include "ctl/render/progress_line.hpp"
#include "ctl/render/words.hpp"

namespace sb::ctl {
namespace {

class PlainJobView final : public JobView {
public:
    PlainJobView(Console& console, std::ostream& out, bool all) : console_(console), out_(out), all_(all) {}

    void show(rpc::JobInfo const& job) override {
        // A single job's end is told by whoever follows it, in a sentence.
        if (!all_ && has_ended(job)) return;
        auto const line = lines_.line_for(job, all_);
        if (!line) return;
        if (all_) out_ << clock_text(console_.now(), console_.look()) << ' ';
        out_ << *line << '\n' << std::flush;
    }

    void notice(std::string const& line) override { console_.say(line); }
    void forget() override {}  // what was said was said
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
