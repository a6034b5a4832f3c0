// Exports that fail on the way, or that the cluster calls complete although they are not: seen by the daemon that
// ordered them, by one that was killed and started again, and by one whose task's tag is gone.

#include "tests/e2e/fixture.hpp"
#include "tests/cluster_faults/fault_fixture.hpp"
#include "tests/cluster_faults/invariants.hpp"
#include "tests/cluster_faults/survived.hpp"

namespace sb::test {
namespace {

struct Row {
    char const* name;
    char const* fault;
    char const* words;  ///< of the job's error; nullptr: the backup succeeds
};

void PrintTo(Row const& row, std::ostream* out) { *out << row.name; }

std::string about(FaultFixture const& fixture, char const* vm) {
    return R"("call":"export","vm":)" + json_string(fixture.uuids.at(vm));
}

void expect_row(Row const& row, FaultFixture::Job const& job) {
    SCOPED_TRACE(job.state + " " + job.error);
    if (row.words == nullptr) {
        EXPECT_EQ(job.state, "succeeded");
        return;
    }
    EXPECT_TRUE(job.state == "failed" || job.state == "lost");
    EXPECT_NE(job.error.find(row.words), std::string::npos) << row.words;
}

void judge(FaultFixture& fixture, Row const& row, std::vector<std::string> names) {
    fixture.clear_faults();
    expect_ready_for_more(fixture, fixture.daemon.pid());
    if (row.words != nullptr) names.clear();
    names.emplace_back("afterwards");
    expect_only_whole_backups(fixture, names);
    expect_no_order_twice(fixture, {{"VM-A", 1}, {"VM-B", 1}, {"VM-C", 1}, {"VM-D", 1}, {"OTHER-NAME", 1}});
    expect_no_secret_in_log(fixture);
    if (std::string(row.name) != "NothingWrong") Survived::count(row.name, 3);
}

class OnTheWay : public ::testing::TestWithParam<Row> {};

TEST_P(OnTheWay, AtTheBeginningInTheMiddleAndAtTheEnd) {
    FaultFixture fixture;
    std::vector<std::string> ids;
    auto const percent = [](int at) { return ",\"percent\":" + std::to_string(at); };
    fixture.add_fault(GetParam().fault + percent(0), about(fixture, "VM-A"), 1);
    fixture.add_fault(GetParam().fault + percent(50), about(fixture, "VM-B"), 1);
    fixture.add_fault(GetParam().fault + percent(99), about(fixture, "VM-C"), 1);
    for (auto const* vm : {"VM-A", "VM-B", "VM-C"})
        ids.push_back(fixture.start({"backup", vm, std::string("of ") + vm}));
    for (auto const& id : ids) expect_row(GetParam(), fixture.ended(id));
    judge(fixture, GetParam(), {"of VM-A", "of VM-B", "of VM-C"});
}

INSTANTIATE_TEST_SUITE_P(
    Cluster, OnTheWay,
    ::testing::Values(Row{"TaskError", R"("kind":"task_error","text":"%@ went wrong","parameters":["The export"])",
                          "The export went wrong"},
                      Row{"StorageFull", R"("kind":"task_error","text":"Unable to write: NT_STATUS_DISK_FULL")",
                          "NT_STATUS_DISK_FULL"},
                      Row{"ErrorWithoutWords", R"("kind":"task_error","text":"")", "gave no reason"},
                      Row{"WorkerKilled", R"("kind":"worker_killed")", "An internal error"},
                      Row{"VmRenamed", R"("kind":"vm_renamed","text":"OTHER-NAME")", nullptr},
                      Row{"VmDeleted", R"("kind":"vm_deleted")", nullptr}),
    [](auto const& test) { return test.param.name; });

class CalledComplete : public ::testing::TestWithParam<Row> {};

TEST_P(CalledComplete, IsNeverTakenForABackup) {
    FaultFixture fixture({.options = {"--export-seconds", "1"}});
    for (auto const* vm : {"VM-A", "VM-B", "VM-C"}) fixture.add_fault(GetParam().fault, about(fixture, vm), 1);
    auto const plain = fixture.start({"backup", "VM-A", "plain"});
    expect_row(GetParam(), fixture.ended(plain));
    auto const tagless = fixture.start({"backup", "VM-B", "tagless"});
    auto const restarted = fixture.start({"backup", "VM-C", "restarted"});
    ASSERT_TRUE(wait_until([&] { return !fixture.job(restarted).tag.empty() && !fixture.job(tagless).tag.empty(); }));
    // The tag has expired everywhere but at the VM, whose list shows no longer tasks.
    auto const of_b = R"("vm":)" + json_string(fixture.uuids.at("VM-B"));
    fixture.add_fault(R"("kind":"empty_list")", R"("call":"task_get",)" + of_b, 0);
    fixture.add_fault(R"("kind":"empty_list")", R"("call":"task_list")", 0);
    fixture.add_fault(R"("kind":"drop_last_tasks")", R"("call":"vm_list")", 0);
    fixture.daemon.kill();
    fixture.daemon.start();
    for (auto const& id : {tagless, restarted}) expect_row(GetParam(), fixture.ended(id));
    judge(fixture, GetParam(), {"plain", "tagless", "restarted"});
}

INSTANTIATE_TEST_SUITE_P(Cluster, CalledComplete,
                         ::testing::Values(Row{"DiskTruncated", R"("kind":"disk_truncated","disk":1)", ".qcow2"},
                                           Row{"DiskMissing", R"("kind":"disk_missing","disk":0)", ".qcow2"},
                                           Row{"VirtualSizeWrong", R"("kind":"disk_wrong_size","disk":1)", ".qcow2"},
                                           Row{"DefinitionMissing", R"("kind":"xml_missing")", ".xml"},
                                           Row{"DefinitionIsGarbage", R"("kind":"xml_garbage")", ".xml"},
                                           Row{"FolderElsewhere", R"("kind":"folder_elsewhere")", ""},
                                           Row{"AnotherVmsFolder", R"("kind":"another_vm")", "disk"},
                                           Row{"NothingWrong", R"("kind":"delay","seconds":0)", nullptr}),
                         [](auto const& test) { return test.param.name; });

}  // namespace
}  // namespace sb::test
