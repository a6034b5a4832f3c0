#include "daemon/core/resolve.hpp"

#include <gtest/gtest.h>

using namespace sb;
using namespace sb::core;

namespace {

Job lost_backup() {
    Job job;
    job.kind = JobKind::backup;
    job.vm = VmUuid{"vm-1"};
    job.vm_name = "FILE01";
    job.tag_before = TaskTag{"99"};
    return job;
}

TaskReport task_of(std::string tag, std::string object, std::string description) {
    TaskReport r;
    r.tag = TaskTag{std::move(tag)};
    r.object_uuid = std::move(object);
    r.description = std::move(description);
    r.state = TaskState::running;
    return r;
}

}  // namespace

TEST(Resolve, TagsAreComparedAsNumbers) {
    EXPECT_TRUE(is_later(TaskTag{"100"}, TaskTag{"99"}));
    EXPECT_FALSE(is_later(TaskTag{"99"}, TaskTag{"100"}));
    EXPECT_TRUE(is_later(TaskTag{"1"}, TaskTag{}));
    EXPECT_FALSE(is_later(TaskTag{"abc"}, TaskTag{"1"}));
    EXPECT_FALSE(is_later(TaskTag{""}, TaskTag{}));
}

TEST(Resolve, FindsTheExportOfTheVmThatStartedAfterThePost) {
    auto const found = find_task(
        lost_backup(),
        {task_of("98", "vm-1", "Export Virtual Machine FILE01"), task_of("100", "vm-2", "Export Virtual Machine WEB"),
         task_of("101", "vm-1", "Export Virtual Machine FILE01")},
        {});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->tag, TaskTag{"101"});
}

TEST(Resolve, AnotherTaskOfTheVmIsNotMistakenForTheExport) {
    auto const found = find_task(lost_backup(),
                                 {task_of("101", "vm-1", "Export Virtual Machine FILE01"),
                                  task_of("102", "vm-1", "Snapshot Virtual Machine FILE01")},
                                 {});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->tag, TaskTag{"101"});
}

TEST(Resolve, AnUnknownDescriptionIsAcceptedOnlyWithoutOtherCandidates) {
    EXPECT_TRUE(find_task(lost_backup(), {task_of("101", "vm-1", "Sichern von FILE01")}, {}));
    EXPECT_FALSE(find_task(lost_backup(), {task_of("101", "vm-1", "abc"), task_of("102", "vm-1", "xyz")}, {}));
}

TEST(Resolve, ATaskOfAnotherJobIsIgnored) {
    EXPECT_FALSE(find_task(lost_backup(), {task_of("101", "vm-1", "Export")}, {TaskTag{"101"}}));
}

TEST(Resolve, AnImportIsIdentifiedByTheNameOfTheNewVm) {
    auto job = lost_backup();
    job.kind = JobKind::restore;
    job.vm = VmUuid{};
    job.vm_name = "FILE01-new";
    auto const found = find_task(
        job,
        {task_of("100", "x", "Import Virtual Machine OTHER"), task_of("101", "y", "Import Virtual Machine FILE01-new")},
        {});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->tag, TaskTag{"101"});
}

TEST(Resolve, AnImportOfALongerNameIsADifferentOne) {
    auto job = lost_backup();
    job.kind = JobKind::restore;
    job.vm = VmUuid{};
    job.vm_name = "web";
    for (std::string const other : {"web2", "web-2", "web_2", "web.example.com", "old-web", "cobweb", "web\u00e9"})
        EXPECT_FALSE(find_task(job, {task_of("101", "y", "Import Virtual Machine " + other)}, {})) << other;
    for (std::string const text :
         {"Import Virtual Machine web", "Import of web.", "'web' (import)", "Importing VM web2 as web"})
        EXPECT_TRUE(find_task(job, {task_of("101", "y", text)}, {})) << text;
}

TEST(Resolve, AnImportOfAVmWithAnotherNameIsADifferentOne) {
    auto job = lost_backup();
    job.kind = JobKind::restore;
    job.vm_name = "web";
    std::vector<Vm> vms(2);
    vms[0].uuid = VmUuid{"x"};
    vms[0].name = "web old";
    vms[1].uuid = VmUuid{"y"};
    vms[1].name = "web";
    EXPECT_TRUE(makes_another_vm(job, task_of("101", "x", "Import Virtual Machine web old"), vms));
    EXPECT_FALSE(makes_another_vm(job, task_of("102", "y", "Import Virtual Machine web"), vms));
    EXPECT_FALSE(makes_another_vm(job, task_of("103", "", "Import Virtual Machine web"), vms)) << "it does not say";
    EXPECT_FALSE(makes_another_vm(lost_backup(), task_of("104", "x", "Export"), vms)) << "an export makes none";
}

TEST(Resolve, ATaskOfTheOtherKindIsNeverTheJobs) {
    EXPECT_TRUE(is_of_other_kind(lost_backup(), task_of("100", "vm-1", "Import Virtual Machine FILE01")));
    EXPECT_FALSE(is_of_other_kind(lost_backup(), task_of("100", "vm-1", "Export Virtual Machine FILE01")));
    EXPECT_FALSE(is_of_other_kind(lost_backup(), task_of("100", "vm-1", "Exporting to import folder")));
    EXPECT_FALSE(is_of_other_kind(lost_backup(), task_of("100", "vm-1", ""))) << "descriptions are not documented";
    EXPECT_FALSE(find_task(lost_backup(), {task_of("100", "vm-1", "Import Virtual Machine FILE01")}, {}));
    auto named = lost_backup();
    named.vm_name = "import-gateway";
    EXPECT_FALSE(is_of_other_kind(named, task_of("100", "vm-1", "Copy of import-gateway")));
}

TEST(Resolve, ATaskOnAnotherVmOfTheClusterIsNeverTheJobs) {
    std::vector<Vm> vms(2);
    vms[0].uuid = VmUuid{"vm-1"};
    vms[1].uuid = VmUuid{"vm-2"};
    vms[1].name = "new";
    EXPECT_TRUE(is_of_other_vm(lost_backup(), task_of("100", "vm-2", ""), vms));
    EXPECT_FALSE(is_of_other_vm(lost_backup(), task_of("100", "vm-1", ""), vms));
    EXPECT_FALSE(is_of_other_vm(lost_backup(), task_of("100", "", ""), vms));
    EXPECT_FALSE(is_of_other_vm(lost_backup(), task_of("100", "a snapshot", ""), vms));
    Job restore;
    restore.kind = JobKind::restore;
    restore.vm_name = "new";
    EXPECT_FALSE(is_of_other_vm(restore, task_of("100", "vm-2", ""), vms));
    EXPECT_TRUE(is_of_other_vm(restore, task_of("100", "vm-1", ""), vms));
    restore.vm = VmUuid{"vm-3"};
    EXPECT_TRUE(is_of_other_vm(restore, task_of("100", "vm-2", ""), vms)) << "the created VM is known";
}

TEST(Resolve, TwoExportsOfTheVmAreNoProofOfEither) {
    std::vector<TaskReport> const tasks = {task_of("101", "vm-1", "Export Virtual Machine FILE01"),
                                           task_of("102", "vm-1", "Export Virtual Machine FILE01")};
    EXPECT_FALSE(find_task(lost_backup(), tasks, {}));
    EXPECT_EQ(possible_tasks(lost_backup(), tasks, {}).size(), 2u);
    EXPECT_TRUE(find_task(lost_backup(), tasks, {TaskTag{"102"}})) << "one of them is another job's";
}

TEST(Resolve, AnExportOfAVmThatIsNotNamedMayBeTheJobsToo) {
    auto const named = task_of("101", "vm-1", "Export");
    EXPECT_EQ(possible_tasks(lost_backup(), {named, task_of("102", "", "Export")}, {}).size(), 2u);
    EXPECT_EQ(possible_tasks(lost_backup(), {named, task_of("102", "", "Snapshot")}, {}).size(), 1u);
}

TEST(Resolve, AnExportThatRunsWithoutItsFolderIsNotTheJobs) {
    auto task = task_of("101", "vm-1", "Export");
    EXPECT_FALSE(may_be_at_work({}, true));
    EXPECT_FALSE(may_be_at_work({task}, false));
    EXPECT_TRUE(may_be_at_work({task}, true));
    task.state = TaskState::queued;
    EXPECT_TRUE(may_be_at_work({task}, false)) << "it has not made its folder yet";
    task.state = TaskState::complete;
    EXPECT_FALSE(may_be_at_work({task}, true));
}
