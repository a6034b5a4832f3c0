#include "daemon/hypercore/codec.hpp"

#include "common/json/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sb::hypercore {
namespace {

using core::TaskState;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

Scrubber const plain;

TEST(DecodeVms, ReadsWhatTheVendorDocuments) {
    auto const list = decode_vms(R"([{"uuid":"v-1","name":"FILE01","description":"d","state":"RUNNING",
      "tags":"prod, BackMeUp ,,x y","isTransient":false,"sourceVirDomainUUID":"",
      "blockDevs":[{"uuid":"d-1","type":"VIRTIO_DISK","capacity":107374182400,"allocation":38654705664},
                   {"uuid":"d-2","type":"IDE_CDROM","capacity":0,"allocation":0}],
      "latestTaskTag":{"taskTag":"4711","progressPercent":100,"state":"COMPLETE","formattedDescription":"Start %@",
        "descriptionParameters":["FILE01"],"created":5,"modified":6,"completed":7}}])",
                                 plain);
    ASSERT_TRUE(list.has_value());
    ASSERT_EQ(list->vms.size(), 1u);
    auto const& vm = list->vms[0];
    EXPECT_EQ(vm.uuid.text(), "v-1");
    EXPECT_EQ(vm.name, "FILE01");
    EXPECT_THAT(vm.tags, ElementsAre("prod", "BackMeUp", "x y"));
    ASSERT_EQ(vm.disks.size(), 2u);
    EXPECT_EQ(vm.disks[0], (core::Disk{DiskUuid("d-1"), "VIRTIO_DISK", 107374182400u, 38654705664u}));
    EXPECT_FALSE(vm.transient);
    EXPECT_FALSE(vm.replica);
    ASSERT_TRUE(vm.last_task.has_value());
    EXPECT_EQ(vm.last_task->description, "Start FILE01");
    EXPECT_TRUE(list->warnings.empty());
}

TEST(DecodeVms, ReadsWhatACloneOfADiskShouldHaveToo) {
    auto const list = decode_vms(R"([{"uuid":"v","blockDevs":[{"uuid":"a","cacheMode":"NONE","tieringPriorityFactor":0},
      {"uuid":"b"}]}])",
                                 plain);
    ASSERT_TRUE(list.has_value());
    auto const& disks = list->vms.at(0).disks;
    ASSERT_EQ(disks.size(), 2u);
    EXPECT_EQ(disks[0].cache_mode, "NONE");
    EXPECT_EQ(disks[0].tiering_priority, 0);
    EXPECT_EQ(disks[1].cache_mode, "");
    EXPECT_FALSE(disks[1].tiering_priority);
}

TEST(DecodeVms, ReadsWhatARestoredVmIsComparedBy) {
    auto const list = decode_vms(R"([{"uuid":"v","mem":4294967296,"numVCPU":2,"netDevs":[{},{}]},
      {"uuid":"w","mem":"much","numVCPU":-1,"netDevs":null}])",
                                 plain);
    ASSERT_TRUE(list.has_value());
    auto const& known = list->vms.at(0);
    EXPECT_EQ(known.memory_bytes, std::uint64_t{4} << 30);
    EXPECT_EQ(known.vcpus, 2);
    EXPECT_EQ(known.nics, 2u);
    auto const& unknown = list->vms.at(1);
    EXPECT_EQ(unknown.memory_bytes, 0u);
    EXPECT_EQ(unknown.vcpus, 0);
    EXPECT_FALSE(unknown.nics);
}

TEST(DecodeVms, IgnoresUnexpectedFields) {
    auto const list = decode_vms(R"([{"uuid":"v","name":7,"tags":null,"blockDevs":[{"uuid":"d","capacity":-5},
      {"capacity":1},"x"],"isTransient":"yes","sourceVirDomainUUID":"other","latestTaskTag":{},"new":{"a":[1]}}])",
                                 plain);
    ASSERT_TRUE(list.has_value());
    auto const& vm = list->vms.at(0);
    EXPECT_EQ(vm.name, "");
    EXPECT_TRUE(vm.tags.empty());
    ASSERT_EQ(vm.disks.size(), 1u);
    EXPECT_EQ(vm.disks[0].capacity_bytes, 0u);
    EXPECT_FALSE(vm.transient);
    EXPECT_TRUE(vm.replica);
    EXPECT_FALSE(vm.last_task.has_value());
    EXPECT_EQ(list->warnings.size(), 2u);
    EXPECT_TRUE(list->vms.complete);
}

TEST(DecodeVms, ADiskWithoutAUuidCountsAnotherDeviceWithoutOneDoesNot) {
    auto const list = decode_vms(R"([{"uuid":"v","blockDevs":[{"type":"VIRTIO_DISK","capacity":512},
      {"type":"IDE_CDROM"}]}])",
                                 plain);
    ASSERT_TRUE(list.has_value());
    ASSERT_EQ(list->vms.at(0).disks.size(), 1u);
    EXPECT_TRUE(list->vms[0].disks[0].uuid.empty());
    EXPECT_EQ(list->vms[0].disks[0].capacity_bytes, 512u);
    EXPECT_EQ(list->warnings.size(), 2u);
}

TEST(DecodeVms, AnImpossibleSlotIsIgnored) {
    auto const list = decode_vms(R"([{"uuid":"v","blockDevs":[{"uuid":"a","slot":3},{"uuid":"b","slot":-7},
      {"uuid":"c","slot":4294967296}]}])",
                                 plain);
    ASSERT_TRUE(list.has_value());
    EXPECT_EQ(list->vms.at(0).disks.at(0).slot, 3);
    EXPECT_EQ(list->vms.at(0).disks.at(1).slot, -1);
    EXPECT_EQ(list->vms.at(0).disks.at(2).slot, -1);
}

TEST(DecodeVms, KeepsTheFirstOfTwoRecordsWithOneUuidAndSkipsThoseWithout) {
    auto const list = decode_vms(R"([{"uuid":"v","name":"a"},{"uuid":"v","name":"b"},{"name":"c"},7])", plain);
    ASSERT_TRUE(list.has_value());
    ASSERT_EQ(list->vms.size(), 1u);
    EXPECT_EQ(list->vms[0].name, "a");
    EXPECT_EQ(list->warnings.size(), 3u);
    EXPECT_FALSE(list->vms.complete) << "a VM that is missing in it may exist anyway";
    EXPECT_THAT(list->warnings.at(1), HasSubstr("[2].uuid is missing"));
}

TEST(DecodeVms, RefusesAnythingButAList) {
    for (auto const* body :
         {"", "  ", "<html>", R"({"error":"x"})", "null", R"([{"name":"no uuid"}])", "[{\"uuid\":"}) {
        auto const list = decode_vms(body, plain);
        ASSERT_FALSE(list.has_value()) << body;
        EXPECT_EQ(list.error().code, Errc::malformed);
    }
    EXPECT_TRUE(decode_vms("[]", plain)->vms.empty());
}

TEST(DecodeTask, KnowsEveryStateAndKeepsUnknownOnes) {
    for (auto const& [word, state] : {std::pair{"UNINITIALIZED", TaskState::uninitialized},
                                      {"QUEUED", TaskState::queued},
                                      {"RUNNING", TaskState::running},
                                      {"COMPLETE", TaskState::complete},
                                      {"ERROR", TaskState::error},
                                      {"PAUSED", TaskState::unknown}}) {
        auto const body = std::string(R"([{"taskTag":"5","state":")") + word + R"("}])";
        auto const report = decode_task(body, TaskTag("5"), plain);
        ASSERT_TRUE(report.has_value());
        EXPECT_EQ(report->state, state);
        EXPECT_EQ(report->state_word, word);
    }
}

TEST(DecodeTask, AnEmptyListIsAnExpiredTag) {
    auto const report = decode_task("[]", TaskTag("5"), plain);
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->state, TaskState::absent);
    EXPECT_EQ(report->tag.text(), "5");
}

TEST(DecodeTask, InsertsParametersOfAnyType) {
    auto const report = decode_task(R"([{"taskTag":5,"state":"ERROR","progressPercent":101.7,
      "formattedDescription":"Export %@","descriptionParameters":["%@"],
      "formattedMessage":"Unable %@ %@ %@ from '%@': %@","messageParameters":[1,null,{"a":true},"FILE01"]}])",
                                    TaskTag("5"), plain);
    ASSERT_TRUE(report.has_value());
    EXPECT_EQ(report->description, "Export %@") << "a parameter is not a format itself";
    EXPECT_EQ(report->message, R"(Unable 1  {"a":true} from 'FILE01': %@)");
    EXPECT_EQ(report->percent, 100);
}

TEST(DecodeTask, HidesOurSecretsInTheClustersMessages) {
    std::vector<Secret> secrets;
    secrets.emplace_back("geheim!");
    auto const report = decode_task(R"([{"taskTag":"5","state":"ERROR","formattedMessage":"cannot mount %@",
      "messageParameters":["smb://u:geheim%21@h/s"]}])",
                                    TaskTag("5"), Scrubber(std::move(secrets)));
    EXPECT_EQ(report->message, "cannot mount smb://***@h/s");
}

TEST(DecodeTask, RefusesTheReportOfAnotherTask) {
    auto const report = decode_task(R"([{"taskTag":"6","state":"COMPLETE"}])", TaskTag("5"), plain);
    ASSERT_FALSE(report.has_value());
    EXPECT_EQ(report.error().code, Errc::malformed);
    EXPECT_EQ(decode_task(R"([{"taskTag":"6"},{"taskTag":"5","state":"RUNNING"}])", TaskTag("5"), plain)->state,
              TaskState::running);
    EXPECT_FALSE(decode_task("7", TaskTag("5"), plain).has_value());
    EXPECT_FALSE(decode_task("[7]", TaskTag("5"), plain).has_value());
}

TEST(DecodeTasks, ReadsEveryTaskWithATag) {
    auto const tasks =
        decode_tasks(R"([{"taskTag":"6","state":"RUNNING","objectUUID":"v"},{"state":"ERROR"},7])", plain);
    ASSERT_TRUE(tasks.has_value());
    ASSERT_EQ(tasks->size(), 1u);
    EXPECT_EQ(tasks->at(0).object_uuid, "v");
}

TEST(DecodeOrder, NeedsATaskToFollow) {
    auto const taken = decode_order(R"({"taskTag":"48213","createdUUID":"n"})");
    ASSERT_TRUE(taken.has_value());
    EXPECT_EQ(taken->tag.text(), "48213");
    EXPECT_EQ(taken->created.text(), "n");
    for (auto const* body : {R"({"taskTag":"","createdUUID":"n"})", "{}", "[]", "", "OK"}) {
        EXPECT_FALSE(decode_order(body).has_value()) << body;
    }
}

TEST(EncodeExport, SendsWhatTheSchemaAllowsAndNothingElse) {
    ports::ExportOrder const order{VmUuid("v"), "2025 \"FILE\"", "FILE 01.xml"};
    auto const body = encode_export(order, Secret("smb://u:p@h/s/f"));
    EXPECT_EQ(body.reveal(),
              R"({"target":{"pathURI":"smb://u:p@h/s/f","format":"qcow2","definitionFileName":"FILE 01.xml",)"
              R"("compress":false,"allowNonSequentialWrites":true,"parallelCountPerTransfer":16}})");
}

TEST(EncodeImport, SendsNeitherCompressNorCompat) {
    ports::ImportOrder const order{"folder", "FILE01.xml", "new \"name\" ü"};
    auto const body = encode_import(order, Secret("smb://u:p@h/s/f"));
    EXPECT_EQ(body.reveal(),
              R"({"source":{"pathURI":"smb://u:p@h/s/f","format":"qcow2","definitionFileName":"FILE01.xml",)"
              R"("allowNonSequentialWrites":true,"parallelCountPerTransfer":16},)"
              R"("template":{"name":"new \"name\" ü"}})");
}

std::string list_of(std::size_t count, std::string_view record) {
    std::string list = "[";
    for (std::size_t i = 0; i < count; ++i) list.append(i == 0 ? "" : ",").append(record);
    return list + "]";
}

TEST(DecodeVms, OdditiesAreCountedAndTenAreKept) {
    auto const list = decode_vms(R"([{"uuid":"v"},)" + list_of(5000, "{}").substr(1), plain);
    ASSERT_TRUE(list.has_value());
    EXPECT_EQ(list->warnings.size(), VmList::max_warnings);
    EXPECT_EQ(list->oddities, 5000u);
    EXPECT_FALSE(list->vms.complete);
}

TEST(DecodeVms, MoreVmsThanAClusterCanHaveAreSkippedAndReported) {
    std::string body = "[";
    for (std::size_t i = 0; i < max_vms + 3; ++i)
        body += (i == 0 ? "" : ",") + (R"({"uuid":")" + std::to_string(i)) + "\"}";
    auto const list = decode_vms(body + "]", plain);
    ASSERT_TRUE(list.has_value());
    EXPECT_EQ(list->vms.size(), max_vms);
    EXPECT_EQ(list->oddities, 3u);
    EXPECT_FALSE(list->vms.complete);
}

TEST(DecodeVms, AVmWithMoreDisksThanPossibleIsSkippedWhole) {
    auto const disks = list_of(max_disks_of_vm + 1, R"({"uuid":"d","type":"VIRTIO_DISK"})");
    auto const list = decode_vms(R"([{"uuid":"a","blockDevs":)" + disks + R"(},{"uuid":"b"}])", plain);
    ASSERT_TRUE(list.has_value());
    ASSERT_EQ(list->vms.size(), 1u) << "a backup without some of its disks would look complete";
    EXPECT_EQ(list->vms[0].uuid.text(), "b");
    EXPECT_FALSE(list->vms.complete);
    EXPECT_THAT(list->warnings.at(0), HasSubstr("more block devices than expected"));
}

TEST(DecodeVms, TagsThatAreLeftOutAreReported) {
    auto const list = decode_vms(R"([{"uuid":"v","tags":)" + list_of(max_tags_of_vm + 1, R"("t")") + "}]", plain);
    ASSERT_TRUE(list.has_value());
    EXPECT_EQ(list->vms.at(0).tags.size(), max_tags_of_vm);
    EXPECT_THAT(list->warnings.at(0), HasSubstr("1001 tags"));
}

TEST(DecodeVms, WhatCannotBeAUuidIsNone) {
    for (std::string const& uuid :
         {std::string(129, 'a'), std::string("a b"), std::string("a\\nb"), std::string("ü")}) {
        auto const list = decode_vms(R"([{"uuid":"v"},{"uuid":")" + uuid + "\"}]", plain);
        ASSERT_TRUE(list.has_value());
        EXPECT_EQ(list->vms.size(), 1u) << uuid;
        EXPECT_THAT(list->warnings.at(0), HasSubstr("[1].uuid is not a uuid"));
    }
}

TEST(DecodeVms, HidesOurSecretsInNamesDescriptionsAndTags) {
    std::vector<Secret> secrets;
    secrets.emplace_back("hunter2");
    secrets.emplace_back("prod");
    auto const list = decode_vms(R"([{"uuid":"v","name":"prod hunter2","description":"of smb://u:x@h, hunter%32",
      "tags":"production,hunter2","blockDevs":[{"uuid":"d","name":"hunter2"}],
      "latestTaskTag":{"taskTag":"5","formattedDescription":"%@","descriptionParameters":["hunter2"]}}])",
                                 Scrubber(std::move(secrets)));
    ASSERT_TRUE(list.has_value());
    auto const& vm = list->vms.at(0);
    EXPECT_EQ(vm.name, "prod ***");
    EXPECT_EQ(vm.description, "of smb://***@h, ***");
    EXPECT_THAT(vm.tags, ElementsAre("production", "***")) << "a short word in a tag selects VMs";
    EXPECT_EQ(vm.disks.at(0).name, "***");
    EXPECT_EQ(vm.last_task->description, "***");
}

TEST(DecodeVms, LongTextsAreCut) {
    std::string const text(100'000, 'x');
    auto const list = decode_vms(R"([{"uuid":"v","name":")" + text + R"(","description":")" + text + "\"}]", plain);
    ASSERT_TRUE(list.has_value());
    EXPECT_EQ(list->vms.at(0).name.size(), 255u);
    EXPECT_EQ(list->vms.at(0).description.size(), 4096u);
}

TEST(DecodeTasks, RefusesAListThatIsTooLongToBeSearched) {
    auto const tasks = decode_tasks(list_of(max_tasks + 1, R"({"taskTag":1})"), plain);
    ASSERT_FALSE(tasks.has_value());
    EXPECT_EQ(tasks.error().code, Errc::malformed);
}

TEST(DecodeOrder, AnEndlessTagIsNone) {
    EXPECT_FALSE(decode_order(R"({"taskTag":")" + std::string(129, '1') + "\"}").has_value());
    EXPECT_FALSE(decode_order(R"({"taskTag":"1","x":")" + std::string(100'000, ' ') + "\"}").has_value());
}

}  // namespace
}  // namespace sb::hypercore
