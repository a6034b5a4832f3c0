// The schedule's types as JSON and back.
#include "common/rpc/codec.hpp"

#include <gmock/gmock.h>

namespace sb::rpc {
namespace {

UtcTime const start{std::chrono::seconds{1'790'000'000}};
UtcTime const later = start + std::chrono::hours{3};

RunInfo a_run() {
    RunInfo run;
    run.id = 18446744073709551615ULL;
    run.trigger = "window";
    run.state = "finished";
    run.phase = "finished";
    run.started = start;
    run.finished = later;
    run.jobs = {7, 5};
    run.succeeded = 11;
    run.failed = 1;
    run.deleted = {"old \"one\""};
    run.behind = {"DB\n02"};
    run.problems = {"FILE01: no space", ""};
    return run;
}

/// Writing, reading and writing again results in the same text. Returns the value that was read.
template <class T>
T there_and_back(T const& value) {
    auto const text = encode(value);
    auto const document = json::Document::parse(text);
    EXPECT_TRUE(document) << text;
    auto const back = decode_reply<T>(document->root());
    EXPECT_TRUE(back) << back.error().context;
    EXPECT_EQ(encode(*back), text);
    return *back;
}

template <class T>
std::string wrong(std::string_view text) {
    auto const document = json::Document::parse(text);
    auto const value = decode<T>(document->root());
    return value ? "accepted" : value.error().context;
}

TEST(ScheduleCodec, ARunComesBackAsItWas) {
    auto const back = there_and_back(a_run());
    EXPECT_EQ(back.id, a_run().id);
    EXPECT_EQ(back.started, start);
    EXPECT_EQ(back.finished, later);
    EXPECT_EQ(back.jobs, (std::vector<JobId>{7, 5}));
    EXPECT_EQ(back.succeeded, 11);
    EXPECT_EQ(back.failed, 1);
    EXPECT_EQ(back.deleted, a_run().deleted);
    EXPECT_EQ(back.behind, a_run().behind);
    EXPECT_EQ(back.problems, a_run().problems);
    EXPECT_TRUE(there_and_back(StartRun::Reply{a_run(), true}).joined);
    EXPECT_EQ(there_and_back(GetRun::Reply{a_run()}).run.id, a_run().id);
    EXPECT_EQ(there_and_back(ListRuns::Reply{{a_run(), a_run()}}).runs.size(), 2u);
    EXPECT_EQ(there_and_back(RunInfo{}).finished, std::nullopt);
}

TEST(ScheduleCodec, TheQueueIsTheContractsDocument) {
    QueueEntry never{"A", "u1", std::nullopt, std::nullopt, "why"};
    EXPECT_EQ(encode(never),
              R"({"vm":"A","vm_uuid":"u1","due":false,"last_backup":null,"age_seconds":null,"reason":"why",)"
              R"("due_at":null,"behind":false})");
    QueueEntry once{"B", "u2", start, -3, "", later, true};
    auto const back = there_and_back(ShowQueue::Reply{{never, once}});
    EXPECT_EQ(back.queue.at(1).last_backup, start);
    EXPECT_EQ(back.queue.at(1).age_seconds, -3);
    EXPECT_EQ(back.queue.at(1).due_at, later);
    EXPECT_TRUE(back.queue.at(1).behind);
}

TEST(ScheduleCodec, AForecastComesBackAsItWas) {
    NightInfo night;
    night.opens = start;
    night.closes = later;
    night.backed_up = {{"A", start, later}};
    night.not_reached = {"B"};
    night.deleted = {"x", "y"};
    night.free_bytes = 18446744073709551615ULL;
    Forecast::Reply const reply{{night, NightInfo{}}, later, {"too short"}};
    auto const back = there_and_back(reply);
    ASSERT_EQ(back.nights.size(), 2u);
    EXPECT_EQ(back.nights[0].backed_up.at(0).ends, later);
    EXPECT_EQ(back.nights[0].free_bytes, night.free_bytes);
    EXPECT_EQ(back.disk_full_at, later);
    EXPECT_EQ(there_and_back(Forecast::Reply{}).disk_full_at, std::nullopt);
}

TEST(ScheduleCodec, RetentionAndTheRestComeBackAsTheyWere) {
    auto const judged =
        there_and_back(ShowRetention::Reply{{{"x", "A", "u", false, "too old"}, RetentionInfo{}}, true});
    EXPECT_FALSE(judged.backups.at(0).keep);
    EXPECT_TRUE(judged.backups.at(1).keep);
    EXPECT_TRUE(judged.needs_confirmation);
    EXPECT_EQ(there_and_back(PruneBackups::Reply{{"x"}, {"p"}}).problems, std::vector<std::string>{"p"});
    EXPECT_EQ(there_and_back(ExplainVm::Reply{"A", "u", {"One.", "Two."}}).explanation.size(), 2u);
    EXPECT_TRUE(there_and_back(PauseSchedule::Reply{true}).paused);
    EXPECT_EQ(there_and_back(AcceptClock::Reply{UtcTime{}, "2 hours ahead"}).remark, "2 hours ahead");
    EXPECT_EQ(there_and_back(TestMail::Reply{{"a@b"}}).recipients.at(0), "a@b");
    BackupInfo backup;
    backup.is_protected = true;
    EXPECT_TRUE(there_and_back(ProtectBackup::Reply{backup}).backup.is_protected);
    JobInfo job;
    job.scheduled = true;
    job.warnings = {"PreBackup ended with 3"};
    EXPECT_EQ(there_and_back(job).warnings, job.warnings);
    EXPECT_TRUE(there_and_back(job).scheduled);
}

TEST(ScheduleCodec, StatusHasItsLastRunOrNone) {
    Status::Reply status;
    EXPECT_EQ(there_and_back(status).last_run.has_value(), false);
    status.last_run = a_run();
    EXPECT_EQ(there_and_back(status).last_run->problems.size(), 2u);
}

TEST(ScheduleCodec, ParametersHaveTheirDefaultsAndReportWhatIsWrong) {
    EXPECT_EQ(decode<GetRun::Params>({})->run, 0u);
    EXPECT_EQ(decode<ListRuns::Params>({})->limit, 20);
    EXPECT_EQ(decode<Forecast::Params>({})->days, 7);
    EXPECT_TRUE(decode<PauseSchedule::Params>({})->paused);
    EXPECT_FALSE(decode<PruneBackups::Params>({})->confirmed);
    EXPECT_EQ(encode(ProtectBackup::Params{"x", false}), R"({"backup":"x","protected":false})");
    EXPECT_EQ(encode(StartRun::Params{}), "{}");
    EXPECT_EQ(wrong<ExplainVm::Params>("{}"), "params.vm is missing");
    EXPECT_EQ(wrong<ProtectBackup::Params>("{}"), "params.backup is missing");
    EXPECT_EQ(wrong<ProtectBackup::Params>(R"({"backup":"x","protected":1})"),
              "params.protected must be true or false, not 1");
    EXPECT_EQ(wrong<PruneBackups::Params>(R"({"confirmed":"no"})"),
              "params.confirmed must be true or false, not a string");
    EXPECT_EQ(wrong<GetRun::Params>(R"({"run":-1})"), "params.run must be a whole number that is not negative, not -1");
}

}  // namespace
}  // namespace sb::rpc
