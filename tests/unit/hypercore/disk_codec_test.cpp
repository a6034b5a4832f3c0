#include "daemon/hypercore/disk_codec.hpp"

#include "common/json/document.hpp"

#include <gmock/gmock.h>

namespace sb::hypercore {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> keys_of(json::View object) {
    std::vector<std::string> keys;
    for (auto const& [key, value] : object.members()) keys.emplace_back(key);
    return keys;
}

// The keys that the vendor's API knows; any other one is answered with 400.
TEST(SnapshotOrder, ExpiresAndIsNotReplicated) {
    ports::SnapshotOrder const order{VmUuid{"vm-1"}, "a \"label\"", 1'700'000'000, 1'700'000'060};
    auto const document = json::Document::parse(encode_snapshot(order).reveal());
    auto const root = document->root();
    EXPECT_THAT(keys_of(root), ::testing::ElementsAre("domainUUID", "label", "type", "automatedTriggerTimestamp",
                                                      "localRetainUntilTimestamp", "replication"));
    EXPECT_EQ(root["domainUUID"].text(), "vm-1");
    EXPECT_EQ(root["label"].text(), "a \"label\"");
    EXPECT_EQ(root["type"].text(), "AUTOMATED");
    EXPECT_EQ(root["localRetainUntilTimestamp"].integer(), 1'700'000'060);
    EXPECT_EQ(root["replication"].boolean(), false);
}

TEST(DiskCloneOrder, KeepsTheDisksIdentity) {
    ports::DiskCloneOrder const order{DiskUuid{"d"}, "snap", VmUuid{"target"}, "VIRTIO_DISK", std::uint64_t{16} << 40};
    auto const document = json::Document::parse(encode_disk_clone(order).reveal());
    auto const root = document->root();
    EXPECT_THAT(keys_of(root), ::testing::ElementsAre("options", "snapUUID", "template"));
    EXPECT_THAT(keys_of(root["template"]), ::testing::ElementsAre("virDomainUUID", "type", "capacity"));
    EXPECT_EQ(root["options"]["regenerateDiskID"].boolean(), false);
    EXPECT_EQ(root["options"]["readOnly"].boolean(), false);
    EXPECT_EQ(root["template"]["capacity"].unsigned_integer(), std::uint64_t{16} << 40);
}

TEST(DiskCloneOrder, HasTheCacheModeAndThePriorityOfTheSourceIfTheyAreKnown) {
    ports::DiskCloneOrder order{DiskUuid{"d"}, "snap", VmUuid{"target"}, "VIRTIO_DISK", 1};
    order.cache_mode = "WRITEBACK";
    order.tiering_priority = 0;
    auto const document = json::Document::parse(encode_disk_clone(order).reveal());
    auto const made = document->root()["template"];
    EXPECT_EQ(made["cacheMode"].text(), "WRITEBACK");
    EXPECT_EQ(made["tieringPriorityFactor"].integer(), 0);
}

TEST(DecodeSnapshot, ListsItsDisks) {
    auto const body = R"([{"uuid":"s1","deviceSnapshots":[{"uuid":"d1"},{"uuid":"d2"}]}])";
    EXPECT_THAT(decode_snapshot(body, "s1")->disks, ::testing::ElementsAre(DiskUuid{"d1"}, DiskUuid{"d2"}));
    EXPECT_EQ(decode_snapshot("[]", "s1").error().code, Errc::not_found);
    EXPECT_EQ(decode_snapshot(body, "s2").error().code, Errc::not_found);
    for (auto const* odd : {"", "{}", "<html>", "[3"})
        EXPECT_EQ(decode_snapshot(odd, "s1").error().code, Errc::malformed) << odd;
    EXPECT_TRUE(decode_snapshot(R"([{"uuid":"s1","deviceSnapshots":7},4])", "s1")->disks.empty());
}

TEST(DecodeCreation, MustNameWhatIsCreated) {
    EXPECT_EQ(decode_creation(R"({"taskTag":"12","createdUUID":"u"})")->tag, TaskTag{"12"});
    EXPECT_TRUE(decode_creation(R"({"taskTag":"","createdUUID":"u"})")->tag.empty());
    EXPECT_THAT(decode_creation(R"({"taskTag":"12","createdUUID":""})").error().context,
                HasSubstr("createdUUID is empty"));
    for (auto const* odd : {"", "[]", "7", "null", "{"})
        EXPECT_EQ(decode_creation(odd).error().code, Errc::malformed) << odd;
}

TEST(DecodeMedia, ReadsIncompleteRecords) {
    auto const media = decode_media(R"([{"uuid":"u","name":"uploading-a.img","capacityBytes":5},{"uuid":7}])");
    ASSERT_EQ(media->size(), 2u);
    EXPECT_EQ(media->at(0).name, "uploading-a.img");
    EXPECT_EQ(media->at(0).capacity_bytes, 5u);
    EXPECT_EQ(decode_media("{}").error().code, Errc::malformed);
}

TEST(UploadTarget, EncodesTheName) {
    EXPECT_EQ(upload_target("Bü & 1.img", 4096),
              "/rest/v1/VirtualDisk/upload?filename=B%C3%BC%20%26%201.img&filesize=4096");
}

}  // namespace
}  // namespace sb::hypercore
