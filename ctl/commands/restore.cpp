#include "common/text/duration_text.hpp"
#include "common/text/size_text.hpp"
#include "ctl/follow/follow_job.hpp"
#include "ctl/render/display_width.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace sb::ctl {
namespace {

/// How long reading takes, for people: no measurement is at hand before it begins, and a disk or a network that is
/// usual for backups is meant.
std::string expected_time_text(std::uint64_t bytes) {
    constexpr std::uint64_t bytes_per_second = 100'000'000;
    std::chrono::seconds const length(static_cast<std::int64_t>(bytes / bytes_per_second) + 1);
    return size_text(bytes) + ", about " + length_text(length) + " at 100 MB/s";
}

/// Before anything is read: a person may rather choose another backup.
task<Result<void>> say_how_long(Session& session, std::string backup) {
    rpc::ListBackups::Params params;
    Result<rpc::ListBackups::Reply> listed = co_await ask<rpc::ListBackups>(session.options.socket, std::move(params));
    if (!listed) co_return listed.error();
    auto const found = std::ranges::find(listed->backups, backup, &rpc::BackupInfo::name);
    auto const time = found == listed->backups.end() ? std::string() : ": " + expected_time_text(found->size_bytes);
    session.console.say("Reading all of " + in_quotes(backup) + " before it is imported" + time + ".");
    co_return boost::system::in_place_value;
}

/// The exit code of a verification of the content, which is followed.
task<int> verify_first(Session& session, std::string backup) {
    auto const said = co_await say_how_long(session, backup);
    if (!said) co_return report(session, said.error());
    Result<std::unique_ptr<Client>> client = co_await Client::connect(session.options.socket);
    if (!client) co_return report(session, client.error());
    rpc::StartVerify::Params params;
    params.backups.push_back(std::move(backup));
    params.level = "content";
    Result<rpc::StartVerify::Reply> started = co_await (*client)->call<rpc::StartVerify>(std::move(params));
    if (!started) co_return report_failed_start(session, started.error(), "The verification", "scale-backupctl jobs");
    std::vector<rpc::JobInfo> seen;  // with --json, the restore's job is the one document
    FollowOptions options;
    options.collect = &seen;
    co_return co_await follow_job(session, std::move(*client), started->jobs.front().id, options);
}

task<int> run_restore(Session& session, Arguments arguments) {
    rpc::StartRestore::Params params;
    params.backup = arguments.text("NAME");
    params.vm = arguments.text("NEW-VM");
    params.force = arguments.has("force");
    bool const detach = arguments.has("detach");
    bool const verify = arguments.has("verify");
    if (verify && (detach || params.force)) {
        Error const both{Errc::invalid_params,
                         "--verify reads the backup before it is imported; use it without --detach and --force"};
        co_return report(session, both);
    }
    if (verify) {
        auto backup = params.backup;
        int const code = co_await verify_first(session, std::move(backup));
        if (code != exit_done) co_return code;
    }
    co_return co_await start_job<rpc::StartRestore>(session, std::move(params), detach);
}

}  // namespace

CommandSpec restore_command() {
    return {
        .word = "restore",
        .summary = "restore as a new VM",
        .arguments = {{.name = "NAME",
                       .value = {ValueKind::backup},
                       .help = "the backup's name, as 'show-backups' prints it"},
                      {.name = "NEW-VM", .value = {ValueKind::new_name}, .help = "name of the new VM"}},
        .options = {{.name = "detach", .help = "print the job id and return immediately"},
                    {.name = "verify", .help = "read every byte of the backup first; this can take hours"},
                    {.name = "force", .help = "restore even if the backup is damaged or was changed"}},
        .details = R"(Imports the backup in folder NAME as a new VM. Existing VMs are not changed.
Files, definition and tables are checked first; a backup whose files were
changed since they were last proven is refused, see --verify and --force.
Waits and shows progress; Ctrl-C stops waiting, not the restore.)",
        .examples = {"scale-backupctl restore 'FILE01 before the update' FILE01-restored"},
        .run = run_restore,
    };
}

}  // namespace sb::ctl
