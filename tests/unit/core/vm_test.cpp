#include "daemon/core/vm.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace sb::core {
namespace {

constexpr std::uint64_t mebibyte = 1U << 20;

TEST(VirtualSize, ACapacityThatIsNotAMultipleOf512IsRoundedUpAtMostToTheNextFullMiB) {
    std::uint64_t const capacity = 8'100'100'100;
    std::uint64_t const full = (capacity / mebibyte + 1) * mebibyte;
    EXPECT_FALSE(is_size_of_image(capacity - 1, capacity)) << "it has lost the end of the disk";
    EXPECT_TRUE(is_size_of_image(capacity, capacity));
    EXPECT_TRUE(is_size_of_image((capacity + 511) / 512 * 512, capacity)) << "as QEMU rounds";
    EXPECT_TRUE(is_size_of_image(full, capacity));
    EXPECT_FALSE(is_size_of_image(full + 1, capacity));
    EXPECT_FALSE(is_size_of_image(full + mebibyte, capacity));
}

TEST(VirtualSize, ACapacityInFullMiBHasOnlyItsOwnSize) {
    EXPECT_FALSE(is_size_of_image(5 * mebibyte - 1, 5 * mebibyte));
    EXPECT_TRUE(is_size_of_image(5 * mebibyte, 5 * mebibyte));
    EXPECT_FALSE(is_size_of_image(5 * mebibyte + 1, 5 * mebibyte));
    EXPECT_FALSE(is_size_of_image(6 * mebibyte, 5 * mebibyte));
}

TEST(VirtualSize, OneByteAndTheLargestCapacitiesAreNotSpecial) {
    EXPECT_FALSE(is_size_of_image(0, 1));
    EXPECT_TRUE(is_size_of_image(1, 1));
    EXPECT_TRUE(is_size_of_image(mebibyte, 1));
    EXPECT_FALSE(is_size_of_image(mebibyte + 1, 1));
    auto const largest = std::numeric_limits<std::uint64_t>::max();
    EXPECT_TRUE(is_size_of_image(largest, largest));
    EXPECT_FALSE(is_size_of_image(0, largest));
}

TEST(VirtualSize, AnUnknownCapacityAcceptsAnySize) {
    for (std::uint64_t const size : {std::uint64_t{0}, std::uint64_t{1}, 7 * mebibyte})
        EXPECT_TRUE(is_size_of_image(size, 0)) << size;
}

TEST(ExportedDisk, IsRecognizedByItsTypeWithOrWithoutAUuid) {
    for (auto const* type : {"VIRTIO_DISK", "SCSI_DISK", "IDE_DISK"}) {
        EXPECT_TRUE(is_exported({.uuid = DiskUuid("4ad0f0d2"), .type = type})) << type;
        EXPECT_TRUE(is_exported({.type = type})) << type;
    }
    for (auto const* type : {"IDE_CDROM", "IDE_FLOPPY", "NVRAM", "VTPM", ""}) EXPECT_FALSE(is_exported({.type = type}));
}

}  // namespace
}  // namespace sb::core
