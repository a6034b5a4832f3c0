#include "daemon/app/mail_alerts.hpp"

#include "daemon/core/text.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace sb::app {

namespace {

std::string text_of(core::Job const& job) {
    return job.error ? job.error->context : std::string(core::name_of(job.outcome));
}

}  // namespace

void MailAlerts::run_ended(core::Run const& run, std::vector<core::Job> const& failed) {
    if (run.problems.empty() && failed.empty() && run.not_reached.empty()) return;
    notify::RunSummary summary;
    summary.started = core::moment_text(run.started, zone_);
    summary.finished = core::moment_text(run.finished.value_or(run.started), zone_);
    summary.succeeded = static_cast<std::size_t>(run.succeeded);
    summary.not_reached = run.not_reached;
    for (auto const& job : failed) summary.failed.push_back({job.vm_name, text_of(job), 1});
    for (auto const& problem : run.problems) {
        bool const reported = std::ranges::any_of(
            failed, [&](core::Job const& job) { return problem.starts_with(job.vm_name + ": " + text_of(job)); });
        if (!reported) summary.problems.push_back(problem);
    }
    auto message = notify::run_failed(origin_(), summary);
    message.cause.clear();  // each run is a separate cause
    mail_.post(std::move(message));
}

void MailAlerts::behind_schedule(std::vector<core::Behind> const& behind) {
    std::vector<notify::LateVm> late;
    for (auto const& vm : behind) {
        notify::LateVm one;
        one.name = vm.name;
        one.uuid = vm.vm.text();
        if (vm.last_backup) one.last_backup = core::moment_text(*vm.last_backup, zone_);
        one.why = "it was due " + core::moment_text(vm.due, zone_);
        late.push_back(std::move(one));
    }
    auto const cause = late.empty() ? std::string() : notify::cause_of_behind(late);
    if (!late_cause_.empty() && late_cause_ != cause) mail_.resolve(late_cause_);
    late_cause_ = cause;
    if (!late.empty()) mail_.post(notify::vms_behind(origin_(), late));
}

void MailAlerts::tag_matches(std::string const& tag) { mail_.resolve(notify::cause_of_tag(tag)); }

void MailAlerts::tag_matches_nothing(std::string const& tag, std::vector<std::string> const& known) {
    spdlog::error("no VM of the cluster has the tag '{}', so nothing is backed up", tag);
    mail_.post(notify::tag_matches_nothing(origin_(), tag, known));
}

void MailAlerts::verification_failed(core::Job const& job, std::string const& newest_good) {
    notify::Damage damage{job.backup, job.vm_name, text_of(job), newest_good};
    bool const unreadable = job.error && job.error->code == Errc::io;
    mail_.post(unreadable ? notify::backup_unreadable(origin_(), damage) : notify::backup_damaged(origin_(), damage));
}

void MailAlerts::verification_passed(std::string const& backup) {
    mail_.resolve(notify::cause_of_damage(backup));
    mail_.resolve(notify::cause_of_unreadable(backup));
}

void MailAlerts::schedule_blocked(ports::Blocked kind, std::string const& text) {
    mail_.post(notify::schedule_blocked(origin_(), kind, text));
}

void MailAlerts::schedule_unblocked() {
    using enum ports::Blocked;
    for (auto const kind : {cluster, storage, no_space, internal, hold})
        mail_.resolve(notify::cause_of_blocked_schedule(kind));
}

void MailAlerts::clock_accepted(std::string const& doubt) { mail_.post(notify::clock_accepted(origin_(), doubt)); }

}  // namespace sb::app
