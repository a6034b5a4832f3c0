// What the cluster wrote and the daemon's user may not read is a matter of rights, and no fault of the backup.
#include "tests/unit/catalog/catalog_fixture.hpp"

#include <gmock/gmock.h>

#include <unistd.h>

namespace sb::catalog {
namespace {

using testing::HasSubstr;

class Access : public Catalog {
protected:
    static constexpr uid_t nobody = 65534;

    void SetUp() override {
        Catalog::SetUp();
        write_sample("b");
        fs::permissions(top_, fs::perms{0755});
    }
    void TearDown() override {
        be_myself();
        Catalog::TearDown();
    }
    /// Root may read everything, so a root that tests becomes nobody.
    static void be_an_ordinary_user() {
        if (::geteuid() == 0) ASSERT_EQ(::seteuid(nobody), 0);
    }
    static void be_myself() {
        if (::getuid() == 0 && ::geteuid() != 0) EXPECT_EQ(::seteuid(0), 0);
    }
    ports::Expectation expected() const { return {"b", "vm.xml", {}}; }
};

TEST_F(Access, AFileThatMayNotBeReadFailsTheInspectionWithTheCommandThatHelps) {
    fs::permissions(share_ / "b/vm.xml", fs::perms::none);
    be_an_ordinary_user();
    auto const files = wait(catalog_->inspect(expected()));
    ASSERT_FALSE(files);
    EXPECT_EQ(files.error().code, Errc::not_permitted);
    EXPECT_THAT(files.error().context, HasSubstr("vm.xml"));
    EXPECT_THAT(files.error().context, HasSubstr("Permission denied; the daemon's user must be allowed to read"));
    EXPECT_THAT(files.error().context, HasSubstr("setfacl -R -m u:" + std::to_string(::geteuid()) + ":rwX,d:u:"));
    EXPECT_EQ(found("b").state, BackupState::unverified) << "not incomplete: nobody looked";
}

TEST_F(Access, AFolderThatMayNotBeOpenedLikewise) {
    fs::permissions(share_ / "b", fs::perms::none);
    be_an_ordinary_user();
    EXPECT_EQ(wait(catalog_->inspect(expected())).error().code, Errc::not_permitted);
    EXPECT_THAT(wait(catalog_->inspect(expected())).error().context, HasSubstr("setfacl"));
    EXPECT_EQ(found("b").state, BackupState::unverified);
}

TEST_F(Access, AManifestThatMayNotBeReadIsNoDamage) {
    ASSERT_TRUE(wait(catalog_->commit(sample("b"))));
    fs::permissions(share_ / "b/scale-backup.json", fs::perms::none);
    be_an_ordinary_user();
    EXPECT_EQ(found("b").state, BackupState::unverified);
    EXPECT_THAT(found("b").problem, HasSubstr("Permission denied"));
}

}  // namespace
}  // namespace sb::catalog
