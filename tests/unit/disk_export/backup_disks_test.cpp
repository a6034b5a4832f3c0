// Which image is meant by what a person types.
#include "ctl/export/backup_disks.hpp"

#include <gmock/gmock.h>

namespace sb::ctl {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

TEST(BackupDisks, AreTheImagesOfTheManifestInItsOrder) {
    auto const images = images_of_manifest(R"({"files": [{"name": "VM.xml", "role": "definition"},
        {"name": "b.qcow2", "role": "disk"}, {"name": "nvram.qcow2", "role": "device"}, 7, {"role": 1},
        {"name": "a.qcow2", "role": "disk"}]})");
    ASSERT_TRUE(images);
    EXPECT_THAT(*images, ElementsAre("b.qcow2", "a.qcow2"));
    EXPECT_TRUE(images_of_manifest("{}").value().empty());
    EXPECT_EQ(images_of_manifest("").error().code, Errc::damaged_backup);
    EXPECT_EQ(images_of_manifest("[]").error().code, Errc::damaged_backup);
}

TEST(BackupDisks, CanBeNamedByNumberUuidOrFile) {
    std::vector<std::string> const images{"b.qcow2", "a.qcow2"};
    EXPECT_EQ(image_of_disk(images, "1").value(), "b.qcow2");
    EXPECT_EQ(image_of_disk(images, "2").value(), "a.qcow2");
    EXPECT_EQ(image_of_disk(images, "a").value(), "a.qcow2");
    EXPECT_EQ(image_of_disk(images, "a.qcow2").value(), "a.qcow2");
    EXPECT_EQ(image_of_disk({}, "added by hand.qcow2").value(), "added by hand.qcow2");
}

TEST(BackupDisks, ANumberBeyondThemListsThem) {
    std::vector<std::string> const images{"b.qcow2", "a.qcow2"};
    for (auto const* number : {"0", "3", "18446744073709551615"}) {
        auto const image = image_of_disk(images, number);
        ASSERT_FALSE(image) << number;
        EXPECT_EQ(image.error().code, Errc::not_found);
        EXPECT_THAT(image.error().context, HasSubstr("1 = b.qcow2, 2 = a.qcow2"));
    }
    EXPECT_LT(disks_text(std::vector<std::string>(400, "x")).size(), 300U);
}

TEST(BackupDisks, AnUnfinishedExportIsKnownByTheNameOfItsFolder) {
    EXPECT_TRUE(is_landing_folder("nightly.exporting-1a2b3c4d"));
    EXPECT_FALSE(is_landing_folder("nightly"));
    EXPECT_FALSE(is_landing_folder("nightly.exporting-1A2B3C4D"));
    EXPECT_FALSE(is_landing_folder("nightly.exporting-1a2b3c4"));
    EXPECT_FALSE(is_landing_folder("nightly.exporting-1a2b3c4d5"));
    EXPECT_FALSE(is_landing_folder(".exporting-1a2b3c4d"));
}

}  // namespace
}  // namespace sb::ctl
