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

TEST(Resolve, FindsTheExportOfTheVmThatBeganAfterThePost) {
    auto const found = find_task(lost_backup(), {task_of("98", "vm-1", "Export Virtual Machine FILE01"),
                                                 task_of("100", "vm-2", "Export Virtual Machine WEB"),
                                                 task_of("101", "vm-1", "Export Virtual Machine FILE01")}, {});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->tag, TaskTag{"101"});
}

TEST(Resolve, AnotherTaskOfTheVmIsNotMistakenForTheExport) {
    auto const found = find_task(lost_backup(), {task_of("101", "vm-1", "Export Virtual Machine FILE01"),
                                                 task_of("102", "vm-1", "Snapshot Virtual Machine FILE01")}, {});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->tag, TaskTag{"101"});
}

TEST(Resolve, AForeignWordingIsTakenOnlyWhenNothingElseCouldBeMeant) {
    EXPECT_TRUE(find_task(lost_backup(), {task_of("101", "vm-1", "Sichern von FILE01")}, {}));
    EXPECT_FALSE(find_task(lost_backup(), {task_of("101", "vm-1", "abc"), task_of("102", "vm-1", "xyz")}, {}));
}

TEST(Resolve, ATaskThatBelongsToAnotherJobIsLeftAlone) {
    EXPECT_FALSE(find_task(lost_backup(), {task_of("101", "vm-1", "Export")}, {TaskTag{"101"}}));
}

TEST(Resolve, AnImportIsKnownByTheNameOfTheNewVm) {
    auto job = lost_backup();
    job.kind = JobKind::restore;
    job.vm = VmUuid{};
    job.vm_name = "FILE01-new";
    auto const found = find_task(job, {task_of("100", "x", "Import Virtual Machine OTHER"),
                                       task_of("101", "y", "Import Virtual Machine FILE01-new")}, {});
    ASSERT_TRUE(found);
    EXPECT_EQ(found->tag, TaskTag{"101"});
}
