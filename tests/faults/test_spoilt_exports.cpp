// Exports that fail on the way, or that the cluster calls complete although they are not: seen by the daemon that
// ordered them, by one that was killed and started again, and by one whose task's tag is gone.

#include "tests/e2e/rig.hpp"
#include "tests/faults/fault_rig.hpp"
#include "tests/faults/invariants.hpp"
#include "tests/faults/survived.hpp"

namespace sb::test {
namespace {

struct Row {
    char const* name;
    char const* fault;
    char const* words;  ///< of the job's error; nullptr: the backup succeeds
};

void PrintTo(Row const& row, std::ostream* out) { *out << row.name; }

std::string about(FaultRig const& rig, char const* vm) {
    return R"("call":"export","vm":)" + json_string(rig.uuids.at(vm));
}

void expect_row(Row const& row, FaultRig::Job const& job) {
    SCOPED_TRACE(job.state + " " + job.error);
    if (row.words == nullptr) {
        EXPECT_EQ(job.state, "succeeded");
        return;
    }
    EXPECT_TRUE(job.state == "failed" || job.state == "lost");
    EXPECT_NE(job.error.find(row.words), std::string::npos) << row.words;
}

void judge(FaultRig& rig, Row const& row, std::vector<std::string> names) {
    rig.clear_faults();
    expect_ready_for_more(rig, rig.daemon.pid());
    if (row.words != nullptr) names.clear();
    names.emplace_back("afterwards");
    expect_only_whole_backups(rig, names);
    expect_no_order_twice(rig, {{"VM-A", 1}, {"VM-B", 1}, {"VM-C", 1}, {"VM-D", 1}, {"OTHER-NAME", 1}});
    expect_no_secret_in_log(rig);
    if (std::string(row.name) != "NothingWrong") Survived::count(row.name, 3);
}

class OnTheWay : public ::testing::TestWithParam<Row> {};

TEST_P(OnTheWay, AtTheBeginningInTheMiddleAndAtTheEnd) {
    FaultRig rig;
    std::vector<std::string> ids;
    auto const percent = [](int at) { return ",\"percent\":" + std::to_string(at); };
    rig.add_fault(GetParam().fault + percent(0), about(rig, "VM-A"), 1);
    rig.add_fault(GetParam().fault + percent(50), about(rig, "VM-B"), 1);
    rig.add_fault(GetParam().fault + percent(99), about(rig, "VM-C"), 1);
    for (auto const* vm : {"VM-A", "VM-B", "VM-C"}) ids.push_back(rig.start({"backup", vm, std::string("of ") + vm}));
    for (auto const& id : ids) expect_row(GetParam(), rig.ended(id));
    judge(rig, GetParam(), {"of VM-A", "of VM-B", "of VM-C"});
}

INSTANTIATE_TEST_SUITE_P(
    Cluster, OnTheWay,
    ::testing::Values(
        Row{"TaskError", R"("kind":"task_error","text":"%@ went wrong","parameters":["The export"])", "The export went wrong"},
        Row{"StorageFull", R"("kind":"task_error","text":"Unable to write: NT_STATUS_DISK_FULL")", "NT_STATUS_DISK_FULL"},
        Row{"ErrorWithoutWords", R"("kind":"task_error","text":"")", "gave no reason"},
        Row{"WorkerKilled", R"("kind":"worker_killed")", "An internal error"},
        Row{"VmRenamed", R"("kind":"vm_renamed","text":"OTHER-NAME")", nullptr},
        Row{"VmDeleted", R"("kind":"vm_deleted")", nullptr}),
    [](auto const& test) { return test.param.name; });

class CalledComplete : public ::testing::TestWithParam<Row> {};

TEST_P(CalledComplete, IsNeverTakenForABackup) {
    FaultRig rig({.options = {"--export-seconds", "1"}});
    for (auto const* vm : {"VM-A", "VM-B", "VM-C"}) rig.add_fault(GetParam().fault, about(rig, vm), 1);
    auto const plain = rig.start({"backup", "VM-A", "plain"});
    expect_row(GetParam(), rig.ended(plain));
    auto const tagless = rig.start({"backup", "VM-B", "tagless"});
    auto const restarted = rig.start({"backup", "VM-C", "restarted"});
    ASSERT_TRUE(wait_until([&] { return !rig.job(restarted).tag.empty() && !rig.job(tagless).tag.empty(); }));
    // The tag has expired everywhere but at the VM, whose list shows no longer tasks.
    auto const of_b = R"("vm":)" + json_string(rig.uuids.at("VM-B"));
    rig.add_fault(R"("kind":"empty_list")", R"("call":"task_get",)" + of_b, 0);
    rig.add_fault(R"("kind":"empty_list")", R"("call":"task_list")", 0);
    rig.add_fault(R"("kind":"drop_last_tasks")", R"("call":"vm_list")", 0);
    rig.daemon.kill();
    rig.daemon.start();
    for (auto const& id : {tagless, restarted}) expect_row(GetParam(), rig.ended(id));
    judge(rig, GetParam(), {"plain", "tagless", "restarted"});
}

INSTANTIATE_TEST_SUITE_P(
    Cluster, CalledComplete,
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
