#include "daemon/core/restored_vm.hpp"

#include <gtest/gtest.h>

using namespace sb;
using namespace sb::core;

namespace {

DefinedVm const defined{2, 4ull << 30, "files", 1};

Vm as_defined() {
    Vm vm;
    vm.uuid = VmUuid{"new"};
    vm.name = "NEW";
    vm.description = "files";
    vm.vcpus = 2;
    vm.memory_bytes = 4ull << 30;
    vm.nics = 1;
    return vm;
}

Job restore_of(std::string const& backup, std::string const& vm_name) {
    Job job;
    job.kind = JobKind::restore;
    job.backup = backup;
    job.vm_name = vm_name;
    return job;
}

}  // namespace

TEST(RestoredVm, WhatAnImportKeepsOfTheDefinitionIsCompared) {
    EXPECT_EQ(how_it_differs(defined, as_defined()), "");
    auto vm = as_defined();
    vm.vcpus = 1;
    EXPECT_EQ(how_it_differs(defined, vm), "it has 1 CPU instead of 2");
    vm = as_defined();
    vm.memory_bytes = 1ull << 30;
    EXPECT_EQ(how_it_differs(defined, vm), "it has 1 GiB of memory instead of 4 GiB");
    vm = as_defined();
    vm.nics = 0;
    EXPECT_EQ(how_it_differs(defined, vm), "it has 0 network devices instead of 1");
    vm = as_defined();
    vm.description = "mail";
    EXPECT_EQ(how_it_differs(defined, vm), "it has another description");
}

TEST(RestoredVm, WhatIsNotReportedOrNotDefinedIsNoDifference) {
    Vm nothing;
    EXPECT_EQ(how_it_differs(defined, nothing), "");
    EXPECT_EQ(how_it_differs(DefinedVm{}, as_defined()), "");
}

TEST(RestoredVm, WithoutItsUuidEachVmWithItsNameMayBeIt) {
    auto job = restore_of("nightly", "NEW");
    auto other = as_defined();
    other.uuid = VmUuid{"other"};
    std::vector<Vm> const vms{as_defined(), other};
    EXPECT_EQ(possibly_made_by(job, vms).size(), 2u);
    job.vm = VmUuid{"other"};
    ASSERT_EQ(possibly_made_by(job, vms).size(), 1u);
    EXPECT_EQ(possibly_made_by(job, vms).front().uuid, VmUuid{"other"});
}

TEST(RestoredVm, OnlyATaskThatAnAnswerNamedIsSurelyTheRestores) {
    auto job = restore_of("nightly", "NEW");
    EXPECT_TRUE(is_found_by_search(job));
    job.tag = TaskTag{"4711"};
    EXPECT_FALSE(is_found_by_search(job));
    job.end = ExportEnd::inferred;
    EXPECT_TRUE(is_found_by_search(job));
}

TEST(RestoredVm, TheMessageNamesBothPossibilitiesAndWhatToDo) {
    auto const fits = not_surely_restored(restore_of("nightly", "NEW"), "");
    EXPECT_EQ(fits.code, Errc::outcome_unknown);
    for (auto const* part : {"this restore of 'nightly' made it", "another import under that name did",
                             "so would any other backup of that VM", "restore again"})
        EXPECT_NE(fits.context.find(part), std::string::npos) << part;
    auto const differs = not_surely_restored(restore_of("nightly", "NEW"), "it has 4 CPUs instead of 2");
    EXPECT_NE(differs.context.find("It differs from the backup: it has 4 CPUs instead of 2"), std::string::npos);
}
