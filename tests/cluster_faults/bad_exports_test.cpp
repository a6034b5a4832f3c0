// Exports that fail, or that the cluster reports as complete although they are not: handled by the daemon that
// requested them, by one that was killed and restarted, and by one whose task tag has expired.

#include "tests/e2e/fixture.hpp"
#include "tests/cluster_faults/fault_fixture.hpp"
#include "tests/cluster_faults/invariants.hpp"
#include "tests/cluster_faults/fault_count.hpp"

namespace sb::test {
namespace {

struct Row {
    char const* name;
    char const* fault;
    char const* error;  ///< part of the job's error; nullptr = the backup succeeds
};

void PrintTo(Row const& row, std::ostream* out) { *out << row.name; }

std::string about(FaultFixture const& fixture, char const* vm) {
    return R"("call":"export","vm":)" + json_string(fixture.uuids.at(vm));
}

void expect_row(Row const& row, FaultFixture::Job const& job) {
    SCOPED_TRACE(job.state + " " + job.error);
    if (row.error == nullptr) {
        EXPECT_EQ(job.state, "succeeded");
        return;
    }
    EXPECT_TRUE(job.state == "failed" || job.state == "lost");
    EXPECT_NE(job.error.find(row.error), std::string::npos) << row.error;
}

void check_everything(FaultFixture& fixture, Row const& row, std::vector<std::string> names) {
    fixture.clear_faults();
    expect_still_working(fixture, fixture.daemon.pid());
    if (row.error != nullptr) names.clear();
    names.emplace_back("afterwards");
    expect_only_complete_backups(fixture, names);
    expect_no_request_twice(fixture, {{"VM-A", 1}, {"VM-B", 1}, {"VM-C", 1}, {"VM-D", 1}, {"OTHER-NAME", 1}});
    expect_no_secret_in_log(fixture);
    if (std::string(row.name) != "NothingWrong") FaultCount::count(row.name, 3);
}

class DuringTheTransfer : public ::testing::TestWithParam<Row> {};

TEST_P(DuringTheTransfer, IsHandledAtTheStartInTheMiddleAndAtTheEnd) {
    SB_NEEDS_CHECKERS();
    FaultFixture fixture;
    std::vector<std::string> ids;
    auto const percent = [](int at) { return ",\"percent\":" + std::to_string(at); };
    fixture.add_fault(GetParam().fault + percent(0), about(fixture, "VM-A"), 1);
    fixture.add_fault(GetParam().fault + percent(50), about(fixture, "VM-B"), 1);
    fixture.add_fault(GetParam().fault + percent(99), about(fixture, "VM-C"), 1);
    for (auto const* vm : {"VM-A", "VM-B", "VM-C"})
        ids.push_back(fixture.start({"backup", vm, std::string("of ") + vm}));
    for (auto const& id : ids) expect_row(GetParam(), fixture.ended(id));
    check_everything(fixture, GetParam(), {"of VM-A", "of VM-B", "of VM-C"});
}

INSTANTIATE_TEST_SUITE_P(
    Cluster, DuringTheTransfer,
    ::testing::Values(Row{"TaskError", R"("kind":"task_error","text":"%@ went wrong","parameters":["The export"])",
                          "The export went wrong"},
                      Row{"StorageFull", R"("kind":"task_error","text":"Unable to write: NT_STATUS_DISK_FULL")",
                          "NT_STATUS_DISK_FULL"},
                      Row{"ErrorWithoutMessage", R"("kind":"task_error","text":"")", "gave no reason"},
                      Row{"WorkerKilled", R"("kind":"worker_killed")", "An internal error"},
                      Row{"VmRenamed", R"("kind":"vm_renamed","text":"OTHER-NAME")", nullptr},
                      Row{"VmDeleted", R"("kind":"vm_deleted")", nullptr}),
    [](auto const& test) { return test.param.name; });

class ReportedComplete : public ::testing::TestWithParam<Row> {};

TEST_P(ReportedComplete, IsNeverTakenForABackup) {
    SB_NEEDS_CHECKERS();
    FaultFixture fixture({.options = {"--export-seconds", "1"}});
    for (auto const* vm : {"VM-A", "VM-B", "VM-C"}) fixture.add_fault(GetParam().fault, about(fixture, vm), 1);
    auto const plain = fixture.start({"backup", "VM-A", "plain"});
    expect_row(GetParam(), fixture.ended(plain));
    auto const tagless = fixture.start({"backup", "VM-B", "tagless"});
    auto const restarted = fixture.start({"backup", "VM-C", "restarted"});
    ASSERT_TRUE(wait_until([&] { return !fixture.job(restarted).tag.empty() && !fixture.job(tagless).tag.empty(); }));
    // The tag has expired everywhere, and the list of VMs no longer shows tasks.
    auto const of_b = R"("vm":)" + json_string(fixture.uuids.at("VM-B"));
    fixture.add_fault(R"("kind":"empty_list")", R"("call":"task_get",)" + of_b, 0);
    fixture.add_fault(R"("kind":"empty_list")", R"("call":"task_list")", 0);
    fixture.add_fault(R"("kind":"drop_last_tasks")", R"("call":"vm_list")", 0);
    fixture.daemon.kill();
    fixture.daemon.start();
    for (auto const& id : {tagless, restarted}) expect_row(GetParam(), fixture.ended(id));
    check_everything(fixture, GetParam(), {"plain", "tagless", "restarted"});
}

INSTANTIATE_TEST_SUITE_P(Cluster, ReportedComplete,
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
