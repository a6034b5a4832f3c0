#include "daemon/api/uploaded_image.hpp"

#include "tests/support/temp_dir.hpp"
#include "tests/unit/verify/image_builder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sb::api {
namespace {

using test::SmallImage;
using testing::HasSubstr;

class UploadedImage : public testing::Test {
protected:
    Result<void> check(SmallImage const& image, std::string const& name = "image.qcow2") {
        auto const* const bytes = static_cast<char const*>(static_cast<void const*>(image.bytes.data()));
        test::write_file(folder_ / "file", {bytes, image.bytes.size()});
        auto const file = ipc::OpenFile::open(folder_ / "file");
        if (!file) return file.error();
        return check_uploaded_image(name, **file);
    }
    test::TempDir folder_;
};

TEST_F(UploadedImage, AWholeOneIsAccepted) { EXPECT_TRUE(check(SmallImage())); }

TEST_F(UploadedImage, OneThatNeedsAnotherFileIsRefused) {
    SmallImage with_backing_file;
    with_backing_file.put(8, 512, 8);
    with_backing_file.put(16, 5, 4);
    SmallImage with_external_data;
    with_external_data.put(72, 4, 8);
    for (auto const& image : {with_backing_file, with_external_data}) {
        auto const checked = check(image);
        ASSERT_FALSE(checked);
        EXPECT_EQ(checked.error().code, Errc::refused);
        EXPECT_THAT(checked.error().context, HasSubstr("another"));
        EXPECT_THAT(checked.error().context, HasSubstr("qemu-img convert"));
    }
}

TEST_F(UploadedImage, OneThatIsCutOrDamagedIsRefused) {
    SmallImage cut;
    cut.bytes.resize(5 * SmallImage::cluster);
    SmallImage damaged;
    damaged.put(SmallImage::l2, 3 * SmallImage::cluster | SmallImage::copied, 8);
    SmallImage other;
    other.put(0, 0, 4);
    for (auto const& image : {cut, damaged, other}) {
        auto const checked = check(image);
        ASSERT_FALSE(checked);
        EXPECT_EQ(checked.error().code, Errc::refused) << checked.error().context;
    }
}

TEST_F(UploadedImage, OtherFormatsAreLeftToTheCluster) {
    SmallImage other;
    other.put(0, 0, 4);
    EXPECT_TRUE(check(other, "image.vhdx"));
    EXPECT_FALSE(check(other, "IMAGE.QCOW2"));
}

}  // namespace
}  // namespace sb::api
