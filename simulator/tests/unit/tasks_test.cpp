#include "simulator/tasks/task_board.hpp"
#include "simulator/tasks/timeline.hpp"
#include "simulator/tasks/transfer_desk.hpp"

#include <gmock/gmock.h>

namespace sb::sim {
namespace {

using std::chrono::milliseconds;

struct Clock {
    std::int64_t seconds = 1000;
};

Task named(std::string kind) {
    Task task;
    task.kind = std::move(kind);
    task.object_uuid = "vm";
    return task;
}

TEST(TaskBoard, TagsAreIncreasingDecimalNumbers) {
    TaskBoard board([] { return 1; }, 4711, 0);
    EXPECT_EQ(board.enter({}), "4711");
    EXPECT_EQ(board.enter({}), "4712");
}

TEST(TaskBoard, AnEndIsFinal) {
    TaskBoard board([] { return 7; }, 1, 0);
    auto const tag = board.enter(named("export"));
    EXPECT_EQ(board.find(tag)->completed, 0);
    board.run(tag);
    board.progress(tag, 100);
    EXPECT_EQ(board.find(tag)->progress, 99) << "100 is for COMPLETE alone";
    board.fail(tag, "no %@", {"space"});
    board.complete(tag);
    board.progress(tag, 100);
    EXPECT_EQ(board.find(tag)->state, TaskState::error);
    EXPECT_EQ(board.find(tag)->completed, 7);
}

TEST(TaskBoard, ProgressNeverGoesBack) {
    TaskBoard board([] { return 7; }, 1, 0);
    auto const tag = board.enter({});
    board.progress(tag, 40);
    board.progress(tag, 30);
    EXPECT_EQ(board.find(tag)->progress, 40);
}

TEST(TaskBoard, NotifiesOnceWhenTheLastTaskHasEnded) {
    TaskBoard board([] { return 7; }, 1, 0);
    int notified = 0;
    board.when_all_ended([&notified] { ++notified; });
    EXPECT_EQ(notified, 1) << "none is in progress";
    auto const first = board.enter({});
    auto const second = board.enter({});
    board.when_all_ended([&notified] { ++notified; });
    board.run(first);
    board.complete(first);
    EXPECT_EQ(notified, 1);
    board.fail(second, "no", {});
    EXPECT_EQ(notified, 2);
    board.complete(board.enter({}));
    EXPECT_EQ(notified, 2);
}

TEST(TaskBoard, DropsFinishedTasksAfterTheirTime) {
    Clock clock;
    TaskBoard board([&clock] { return clock.seconds; }, 1, 60);
    auto const ended = board.enter({});
    auto const open = board.enter({});
    board.complete(ended);
    clock.seconds += 61;
    EXPECT_EQ(board.find(ended), nullptr);
    EXPECT_NE(board.find(open), nullptr);
    EXPECT_EQ(board.find("nonsense"), nullptr);
}

TEST(Timeline, EventsRunInOrderAndFasterWhenScaled) {
    SteadyTime now{};
    Timeline timeline([&now] { return now; }, 10);
    std::vector<int> happened;
    timeline.after(milliseconds(200), [&] { happened.push_back(2); });
    timeline.after(milliseconds(100), [&] { happened.push_back(1); });
    timeline.run_due();
    EXPECT_TRUE(happened.empty());
    EXPECT_EQ(*timeline.next(), now + milliseconds(10));
    now += milliseconds(20);
    timeline.run_due();
    EXPECT_THAT(happened, testing::ElementsAre(1, 2));
}

class FakeTransfers : public Transfers {
public:
    std::uint64_t start(WorkerSpec spec, OnMessage on_message) override {
        specs.push_back(std::move(spec));
        say.push_back(std::move(on_message));
        return say.size();
    }
    void kill(std::uint64_t id) override { killed.push_back(id); }

    std::vector<WorkerSpec> specs;
    std::vector<OnMessage> say;
    std::vector<std::uint64_t> killed;
};

class Desk : public testing::Test {
protected:
    std::string enqueue(std::vector<Fault> faults = {}) {
        TransferJob job;
        job.tag = board.enter(named("export"));
        job.spec = ExportSpec{};
        job.faults = std::move(faults);
        job.on_fault = [this](Fault const& fault) { injected.push_back(fault.kind); };
        auto const tag = job.tag;
        desk.enqueue(std::move(job));
        return tag;
    }
    static Fault fault(std::string kind, int percent) {
        Fault made;
        made.kind = std::move(kind);
        made.percent = percent;
        made.text = "disk full on %@";
        made.parameters = {"share"};
        return made;
    }
    TaskState state(std::string const& tag) { return board.find(tag)->state; }

    FakeTransfers transfers;
    TaskBoard board{[] { return 5; }, 1, 0};
    TransferDesk desk{transfers, board, 3};
    std::vector<std::string> injected;
};

TEST_F(Desk, RunsThreeAtATimeAndTheOthersInOrder) {
    std::vector<std::string> tags;
    for (int i = 0; i < 5; ++i) tags.push_back(enqueue());
    EXPECT_EQ(state(tags[2]), TaskState::running);
    EXPECT_EQ(state(tags[3]), TaskState::queued);
    transfers.say[1](Done{});
    EXPECT_EQ(state(tags[1]), TaskState::complete);
    EXPECT_EQ(state(tags[3]), TaskState::running);
    EXPECT_EQ(state(tags[4]), TaskState::queued);
    transfers.say[0](Failed{"why", {}, ""});
    EXPECT_EQ(state(tags[0]), TaskState::error);
    EXPECT_EQ(state(tags[4]), TaskState::running);
}

TEST_F(Desk, AHeldJobStaysQueuedWithoutASlotUntilItIsReleased) {
    auto const held = enqueue({fault("task_queued", 0)});
    std::vector<std::string> tags;
    for (int i = 0; i < 4; ++i) tags.push_back(enqueue());
    EXPECT_EQ(state(held), TaskState::queued);
    EXPECT_EQ(state(tags[2]), TaskState::running) << "it has no slot";
    EXPECT_EQ(desk.held(), 1U);
    EXPECT_EQ(desk.waiting(), 1U);
    for (int i = 0; i < 3; ++i) transfers.say[static_cast<std::size_t>(i)](Done{});
    EXPECT_EQ(state(tags[3]), TaskState::running);
    EXPECT_EQ(state(held), TaskState::queued) << "free slots do not start it";
    EXPECT_TRUE(desk.release("99").empty());
    EXPECT_THAT(desk.release(held), testing::ElementsAre(held));
    EXPECT_EQ(state(held), TaskState::running);
    EXPECT_EQ(desk.held(), 0U);
    transfers.say.back()(Progress{50, 0});
    transfers.say.back()(Done{});
    EXPECT_EQ(state(held), TaskState::complete);
}

TEST_F(Desk, ReleasedJobsStartInTheOrderOfTheirArrivalAsSlotsPermit) {
    std::vector<std::string> tags;
    for (int i = 0; i < 5; ++i) tags.push_back(enqueue({fault("task_queued", 0)}));
    EXPECT_TRUE(transfers.specs.empty());
    EXPECT_EQ(desk.release(""), tags);
    EXPECT_EQ(state(tags[2]), TaskState::running);
    EXPECT_EQ(state(tags[3]), TaskState::queued);
    transfers.say[0](Done{});
    EXPECT_EQ(state(tags[3]), TaskState::running);
}

TEST_F(Desk, EndsInErrorAtTheGivenPercentAndKillsTheWorker) {
    auto const tag = enqueue({fault("task_error", 99)});
    transfers.say[0](Progress{50, 0});
    EXPECT_EQ(state(tag), TaskState::running);
    transfers.say[0](Done{});
    EXPECT_EQ(state(tag), TaskState::error);
    EXPECT_EQ(board.find(tag)->progress, 99);
    EXPECT_EQ(board.find(tag)->message, "disk full on %@");
    EXPECT_THAT(transfers.killed, testing::ElementsAre(1U));
}

TEST_F(Desk, RenamesTheVmOnceDuringTheTransfer) {
    auto const tag = enqueue({fault("vm_renamed", 30)});
    transfers.say[0](Progress{20, 0});
    EXPECT_TRUE(injected.empty());
    transfers.say[0](Progress{40, 0});
    transfers.say[0](Done{});
    EXPECT_THAT(injected, testing::ElementsAre("vm_renamed"));
    EXPECT_EQ(state(tag), TaskState::complete);
}

TEST_F(Desk, PassesTheDiskToCorruptToTheWorker) {
    auto truncated = fault("disk_truncated", 0);
    truncated.disk = 1;
    enqueue({truncated, fault("xml_missing", 0)});
    auto const& faults = std::get<ExportSpec>(transfers.specs[0]).faults;
    EXPECT_EQ(faults.truncate_disk, 1);
    EXPECT_TRUE(faults.skip_definition);
}

}  // namespace
}  // namespace sb::sim
