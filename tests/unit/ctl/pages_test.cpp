#include "common/json/document.hpp"
#include "common/rpc/codec.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/render/pages.hpp"
#include "tests/unit/ctl/samples.hpp"

#include <gmock/gmock.h>

#include <sstream>

namespace sb::ctl {
namespace {

std::vector<rpc::BackupInfo> some_backups() {
    auto good = backup_of("2026-11-22_11-00-00 FILE01", "FILE01", "complete");
    good.verified = rpc::VerifiedInfo{"structure", noon};
    auto wide = backup_of("日本語", "サーバー", "exporting");
    auto bad = backup_of("old", "DB\n02", "damaged");
    bad.problem = "disk 7f.qcow2: the second refcount table lies outside the file, which ends at 1.5 GiB";
    bad.is_protected = true;
    return {good, wide, bad};
}

std::vector<rpc::JobInfo> some_jobs() {
    auto failed = ended_job("failed", "task_failed", "export of FILE01: the cluster's task ended in ERROR: no space");
    return {job_of(18, "running", "following", 42), job_of(19, "queued", "queued"), failed};
}

rpc::Status::Reply a_status() {
    rpc::Status::Reply status;
    status.version = "0.1.0";
    status.pid = 4711;
    status.uptime_seconds = 7500;
    status.cluster = {"10.0.0.1", false, "connect: connection refused"};
    status.window = {true, false, noon + std::chrono::hours{4}, std::nullopt};
    status.jobs = {3, 2};
    status.last_success = noon - std::chrono::hours{2};
    status.behind = {"FILE01", "DB02"};
    status.last_run = failed_run();
    status.backups = {14, 3ULL << 39};
    status.storage = {"/mnt/backups", 1ULL << 40, 4ULL << 40};
    return status;
}

void expect_no_line_wider_than(std::size_t width, std::string const& text) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), width) << line;
}

TEST(StatusPage, ALastSuccessInTheFutureIsNotShownAsAnAge) {
    auto status = a_status();
    status.last_success = noon + std::chrono::days{400};
    auto const page = status_page(status, RenderOptions{.width = 100, .now = noon});
    EXPECT_THAT(page, testing::HasSubstr(", in the future: a clock was or is wrong\n"));
    EXPECT_THAT(page, testing::Not(testing::HasSubstr("in 400 days")));
}

TEST(VmNames, AreBareSortedByBytesAndOneALine) {
    rpc::VmInfo a, b, c, d;
    a.name = "beta";
    b.name = "Zeta";
    c.name = "älpha";
    d.name = "a\x1bz";
    EXPECT_EQ(vm_names({a, b, c, d}), "Zeta\na\\x1bz\nbeta\nälpha\n");
    d.name = "two\nlines";
    EXPECT_EQ(vm_names({d}), "two\\nlines\n");
    EXPECT_EQ(vm_names({}), "");
}

TEST(BackupsPage, IsNeverCutIntoAPipe) {
    EXPECT_EQ(
        backups_page(some_backups(), options_of(std::nullopt)),
        "NAME                        VM        STATE      STARTED           AGE          SIZE  VERIFIED             "
        "PROTECTED\n"
        "2026-11-22_11-00-00 FILE01  FILE01    complete   2026-11-22 11:00  26 h ago  1.5 GiB  structure, just now  -\n"
        "日本語                      サーバー  exporting  2026-11-22 11:00  26 h ago  1.5 GiB  -                    -\n"
        "old                         DB\\n02    damaged    2026-11-22 11:00  26 h ago  1.5 GiB  -                    "
        "yes\n"
        "    disk 7f.qcow2: the second refcount table lies outside the file, which ends at 1.5 GiB\n");
    EXPECT_EQ(backups_page(some_backups(), options_of(200)), backups_page(some_backups(), options_of(std::nullopt)));
}

TEST(BackupsPage, FitsAUsualTerminal) {
    EXPECT_EQ(backups_page(some_backups(), options_of(80)),
              "NAME                    VM        STATE      STARTED           AGE          SIZE\n"
              "2026-11-22_11-00-00 F…  FILE01    complete   2026-11-22 11:00  26 h ago  1.5 GiB\n"
              "日本語                  サーバー  exporting  2026-11-22 11:00  26 h ago  1.5 GiB\n"
              "old                     DB\\n02    damaged    2026-11-22 11:00  26 h ago  1.5 GiB\n"
              "    disk 7f.qcow2: the second refcount table lies outside the file, which ends\n"
              "    at 1.5 GiB\n");
}

TEST(Pages, NeverGetWiderThanTheTerminal) {
    for (std::size_t const width : {20u, 40u, 60u, 80u, 120u, 200u}) {
        expect_no_line_wider_than(width, backups_page(some_backups(), options_of(width)));
        expect_no_line_wider_than(width, jobs_page(some_jobs(), options_of(width)));
        if (width >= 40) expect_no_line_wider_than(width, status_page(a_status(), options_of(width)));
    }
}

TEST(BackupsPage, SaysWhichBackupsCountForNothing) {
    auto inferred = backup_of("inferred", "FILE01", "complete");
    inferred.end_known = false;
    auto foreign = backup_of("foreign", "FILE01", "complete");
    foreign.other_cluster = true;
    foreign.cluster = "hc-2\x1b[2J";
    auto uncertain = foreign;
    uncertain.cluster = "hc-3";
    uncertain.cluster_uncertain = true;
    auto const page = backups_page({inferred, foreign, uncertain}, options_of(200));
    EXPECT_THAT(page, testing::HasSubstr("    the cluster never said that its export was complete: not counted"));
    EXPECT_THAT(page, testing::HasSubstr("    of another cluster: hc-2\\x1b[2J\n"));
    EXPECT_THAT(page, testing::HasSubstr("    may be of another cluster: hc-3\n"));
}

TEST(DeletedPage, ShowsUntilWhenABackupCanBeTakenBackAndWhyItWasDeleted) {
    rpc::DeletedInfo const friday{
        "friday", "deleted-1", "FILE01", "u1", 3ULL << 29, noon, noon + std::chrono::hours{24}, "a person deleted it"};
    EXPECT_EQ(deleted_page({friday}, options_of(std::nullopt)),
              "NAME    VM      DELETED           KEPT UNTIL           SIZE  ENTRY\n"
              "friday  FILE01  2026-11-23 13:00  2026-11-24 13:00  1.5 GiB  deleted-1\n"
              "    a person deleted it\n");
    EXPECT_EQ(deleted_page({}, options_of(80)), "");
    for (std::size_t const width : {20u, 40u, 60u, 80u})
        expect_no_line_wider_than(width, deleted_page({friday}, options_of(width)));
}

TEST(JobsPage, ShowsATaskThatMakesNoProgressWithTheReason) {
    auto job = job_of(18, "running", "following", 42);
    job.error = "no progress since 12:00";
    EXPECT_THAT(jobs_page({job}, options_of(100)),
                testing::AllOf(testing::HasSubstr("nightly  stalled 42 %  "),
                               testing::HasSubstr("\n    no progress since 12:00\n")));
}

TEST(JobsPage, ShowsWhatRunsAndWhyJobsFailed) {
    EXPECT_EQ(jobs_page(some_jobs(), options_of(100)),
              "ID  KIND    VM      BACKUP   STATE           SINCE             AGE      TOOK\n"
              "18  backup  FILE01  nightly  exporting 42 %  2026-11-23 11:00  2 h ago  2 h\n"
              "19  backup  FILE01  nightly  queued          2026-11-23 11:00  2 h ago  -\n"
              "17  backup  FILE01  nightly  failed          2026-11-23 11:00  2 h ago  3 min 20 s\n"
              "    export of FILE01: the cluster's task ended in ERROR: no space\n");
    EXPECT_EQ(jobs_page({}, options_of(80)), "");
}

TEST(JobsPage, ShowsAnExportThatWaitsForItsNameWithTheReason) {
    auto job = job_of(18, "running", "committing");
    job.error = "the folder cannot be renamed: a file is open";
    EXPECT_THAT(jobs_page({job}, options_of(100)),
                testing::AllOf(testing::HasSubstr("nightly  waiting for its name  "),
                               testing::HasSubstr("\n    the folder cannot be renamed: a file is open\n")));
}

TEST(JobsPage, ColoursOnlyTheState) {
    auto const page = jobs_page({ended_job("failed")}, options_of(80, true));
    EXPECT_THAT(page, testing::HasSubstr("\x1b[31mfailed\x1b[0m"));
    EXPECT_THAT(jobs_page({ended_job("failed")}, options_of(80)), testing::Not(testing::HasSubstr("\x1b")));
}

TEST(StatusPage, IsAReadableBlock) {
    EXPECT_EQ(status_page(a_status(), options_of(80)),
              "Daemon        scale-backupd 0.1.0, pid 4711, up 2 h 5 min\n"
              "Cluster       10.0.0.1: not reachable: connect: connection refused\n"
              "Window        closed, opens 2026-11-23 17:00 (in 4 h)\n"
              "Jobs          2 running, 3 queued\n"
              "Last success  2026-11-23 11:00 (2 h ago)\n"
              "Last run      run 12, finished 2026-11-23 12:10 (50 min ago): 11 backed up, 1\n"
              "              failed, 2 old backups deleted\n"
              "Behind        FILE01, DB02\n"
              "Backups       14, 1.5 TiB\n"
              "Storage       /mnt/backups: 1 TiB free of 4 TiB (25 %)\n");
}

TEST(StatusPage, ShowsTheDaemonsTimeZoneIfTheDaemonSaysIt) {
    auto status = a_status();
    EXPECT_THAT(status_page(status, options_of(80)), testing::Not(testing::HasSubstr("Time zone")));
    status.time_zone = "Europe/Berlin (UTC+01:00)";
    EXPECT_THAT(status_page(status, options_of(80)), testing::HasSubstr("Time zone     Europe/Berlin (UTC+01:00)\n"));
}

TEST(StatusPage, ShowsEachNodeIfThereAreSeveral) {
    auto status = a_status();
    status.cluster.nodes = {{"10.0.0.1", true, true, false, ""},
                            {"10.0.0.2", false, false, false, "connection refused"},
                            {"10.0.0.3", false, false, true, "another fingerprint"},
                            {"10.0.0.4", false, std::nullopt, false, ""}};
    EXPECT_THAT(status_page(status, options_of(100)),
                testing::HasSubstr("  node        10.0.0.1: answers, in use\n"
                                   "  node        10.0.0.2: does not answer: connection refused\n"
                                   "  node        10.0.0.3: not used, wrong certificate: another fingerprint\n"
                                   "  node        10.0.0.4: not tried yet\n"));
    status.cluster.nodes.resize(1);
    EXPECT_THAT(status_page(status, options_of(100)), testing::Not(testing::HasSubstr("  node")));
}

TEST(StatusPage, WrapsOnANarrowTerminal) {
    EXPECT_THAT(status_page(a_status(), options_of(40)), testing::HasSubstr("Cluster       10.0.0.1: not reachable:\n"
                                                                            "              connect: connection\n"
                                                                            "              refused\n"));
}

TEST(StatusPage, ShowsAPauseFirstAndInColour) {
    auto status = a_status();
    status.paused = true;
    EXPECT_TRUE(status_page(status, options_of(80))
                    .starts_with("PAUSED        no scheduled backups. Resume: scale-backupctl resume\nDaemon "));
    EXPECT_TRUE(status_page(status, options_of(80, true)).starts_with("\x1b[31mPAUSED        no scheduled"));
}

TEST(StatusPage, ShowsProblemsOfTheSchedule) {
    auto status = a_status();
    status.problems = {"no VM of the cluster has the tag 'BackMeup', so nothing is backed up"};
    EXPECT_NE(status_page(status, options_of(200)).find("Problem       no VM of the cluster has the tag 'BackMeup'"),
              std::string::npos);
}

TEST(StatusPage, ShowsTheWindowAndTheRunningRun) {
    auto status = a_status();
    status.window = {true, true, std::nullopt, noon + std::chrono::hours{16}};
    status.last_run = run_of(13, "running", "clean_up");
    auto const page = status_page(status, options_of(200));
    EXPECT_THAT(page, testing::HasSubstr("Window        open until 2026-11-24 05:00\n"));
    EXPECT_THAT(page,
                testing::HasSubstr(
                    "Last run      run 13, cleaning up since 2026-11-23 11:00 (2 h ago): nothing exported yet\n"));
}

TEST(StatusPage, ShowsWhatTheRunInProgressHasDoneSoFar) {
    auto status = a_status();
    status.last_run = run_of(13, "running", "exporting");
    status.last_run->succeeded = 5;
    status.last_run->failed = 1;
    EXPECT_THAT(status_page(status, options_of(200)), testing::HasSubstr(": 5 backed up, 1 failed so far\n"));
}

TEST(StatusPage, NamesTheVmsThatTheLastRunDidNotReach) {
    auto status = a_status();
    status.last_run = run_of(13, "finished", "finished");
    status.last_run->not_reached = {"FILE01", "WEB01"};
    auto const page = status_page(status, options_of(200));
    EXPECT_THAT(page, testing::HasSubstr(
                          ": nothing exported, 2 not reached. Not reached before the window closed: FILE01, WEB01\n"));
    EXPECT_THAT(page, testing::Not(testing::HasSubstr("nothing was due")));
}

TEST(JobsPage, ShowsHooksThatFailed) {
    auto job = ended_job("succeeded");
    job.warnings = {"PostBackup '/opt/hook' ended with 3", "it said: \x1b[2J"};
    EXPECT_THAT(
        jobs_page({job}, options_of(200)),
        testing::HasSubstr("\n    warning: PostBackup '/opt/hook' ended with 3\n    warning: it said: \\x1b[2J\n"));
}

TEST(StatusPage, ShowsWhatIsUnknown) {
    rpc::Status::Reply status;
    auto const page = status_page(status, options_of(200));
    EXPECT_THAT(page, testing::HasSubstr("not tried yet"));
    EXPECT_THAT(page, testing::HasSubstr("none configured"));
    EXPECT_THAT(page, testing::HasSubstr("none yet"));
    EXPECT_THAT(page, testing::HasSubstr("free space unknown"));
}

TEST(StatusPage, SaysWhatIsNotKnownYetWhileLocalPathHasNotBeenRead) {
    auto status = a_status();
    status.last_success.reset();
    status.behind.clear();
    status.backups = {};
    status.storage = {"/mnt/backups"};
    status.window.configured = true;
    auto const page = status_page(status, options_of(200));
    for (auto const* label : {"Last success  ", "Behind        ", "Backups       "})
        EXPECT_THAT(page, testing::HasSubstr(label + std::string("not known yet: LocalPath has not been read\n")));
    status.storage = {"/mnt/backups", 1ULL << 30, 100ULL << 30};
    auto const read = status_page(status, options_of(200));
    EXPECT_THAT(read, testing::HasSubstr("Last success  none yet\n"));
    EXPECT_THAT(read, testing::HasSubstr("Behind        no VM\n"));
    EXPECT_THAT(read, testing::HasSubstr("Backups       0, 0 B\n"));
}

TEST(StatusPage, AConditionOfAVmShowsItsNameInsteadOfItsUuid) {
    auto status = a_status();
    status.conditions = {{"backup_moved_away", "6b1f4f1e-9d4b-4c1e-8d52-0d6c2a8f1a10", "warning", noon, noon,
                          "VM 'FILE01': a backup is gone", "it is not there", ""}};
    auto const page = status_page(status, options_of(200));
    EXPECT_THAT(page, testing::HasSubstr("WARNING       VM 'FILE01': a backup is gone, since "));
    EXPECT_THAT(page, testing::Not(testing::HasSubstr("6b1f4f1e")));
}

TEST(StatusPage, BeginsWithWhatIsWrongSinceWhenWhyAndWhatToDo) {
    auto status = a_status();
    status.conditions = {{"storage_unusable", "", "error", noon - std::chrono::hours{2}, noon,
                          "LocalPath cannot be used", "it lacks its mark\x1b[2J", "check the mount"},
                         {"hook_failing", "FILE01", "warning", noon, noon, "a hook fails", "exit code 3", ""}};
    auto const page = status_page(status, options_of(200));
    EXPECT_TRUE(page.starts_with("ERROR         LocalPath cannot be used, since 2026-")) << page;
    EXPECT_THAT(page, testing::HasSubstr(" (2 h ago): it lacks its mark\\x1b[2J\n  to do       check the mount\n"
                                         "WARNING       FILE01: a hook fails, since "));
    EXPECT_THAT(page, testing::HasSubstr("exit code 3\nDaemon "));
    expect_no_line_wider_than(60, status_page(status, options_of(60)));
}

TEST(StatusPage, ShowsWhatTheTrashWouldFreeApart) {
    auto status = a_status();
    EXPECT_THAT(status_page(status, options_of(200)), testing::Not(testing::HasSubstr("trash")));
    status.storage = {"/mnt/backups", 1ULL << 30, 100ULL << 30, 20ULL << 30};
    status.backups.deleted_count = 2;
    auto const page = status_page(status, options_of(200));
    EXPECT_THAT(page, testing::HasSubstr("1 GiB free of 100 GiB (1 %), and 20 GiB in the trash, freed when an export "
                                         "needs it\n"));
    EXPECT_THAT(page,
                testing::HasSubstr("  deleted     2 can be taken back: scale-backupctl show-backups --deleted\n"));
    EXPECT_THAT(status_page(status, options_of(200, true)), testing::Not(testing::HasSubstr("\x1b[31m/mnt/backups")))
        << "what is in the trash counts as free";
}

std::vector<std::string> keys_of(std::string const& text) {
    auto const document = json::Document::parse(text);
    std::vector<std::string> keys;
    for (auto const& [key, value] : document->root().members()) keys.emplace_back(key);
    return keys;
}

TEST(JsonDocuments, HaveTheFieldsOfTheContract) {
    using testing::IsSupersetOf;
    EXPECT_THAT(keys_of(rpc::encode(rpc::VmInfo{})),
                IsSupersetOf({"uuid", "name", "tags", "state", "disks", "eligible"}));
    rpc::VmInfo with_disk;
    with_disk.disks.resize(1);
    EXPECT_THAT(keys_of(json::Document::parse(rpc::encode(with_disk))->root()["disks"].at(0).dump()),
                IsSupersetOf({"uuid", "type", "capacity_bytes", "allocation_bytes"}));
    EXPECT_THAT(
        keys_of(rpc::encode(rpc::BackupInfo{})),
        IsSupersetOf({"name", "folder", "vm", "vm_uuid", "state", "scheduled", "protected", "started", "completed",
                      "size_bytes", "verified", "end_known", "other_cluster", "cluster_uncertain"}));
    EXPECT_THAT(keys_of(rpc::encode(rpc::DeletedInfo{})),
                IsSupersetOf({"name", "entry", "vm", "vm_uuid", "size_bytes", "deleted", "expires", "reason"}));
    EXPECT_THAT(keys_of(rpc::encode(rpc::JobInfo{})),
                IsSupersetOf({"id", "kind", "vm", "vm_uuid", "backup", "folder", "state", "phase", "percent",
                              "task_tag", "error", "queued", "started", "finished"}));
    EXPECT_THAT(keys_of(rpc::encode(rpc::Status::Reply{})),
                IsSupersetOf({"version", "pid", "uptime_seconds", "cluster", "window", "paused", "clock", "jobs",
                              "last_success", "behind", "backups", "storage", "conditions"}));
    rpc::Status::Reply with_condition;
    with_condition.conditions.resize(1);
    EXPECT_THAT(keys_of(json::Document::parse(rpc::encode(with_condition))->root()["conditions"].at(0).dump()),
                IsSupersetOf({"kind", "subject", "severity", "since", "reason", "remedy"}));
}

}  // namespace
}  // namespace sb::ctl
