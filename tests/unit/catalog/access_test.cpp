// Files that the daemon's user may not read are a matter of permissions, not a defect of the backup.
#include "tests/support/ordinary_user.hpp"
#include "tests/unit/catalog/catalog_fixture.hpp"

#include <gmock/gmock.h>

#include <optional>

namespace sb::catalog {
namespace {

using testing::HasSubstr;

class Access : public Catalog {
protected:
    void SetUp() override {
        Catalog::SetUp();
        write_sample("b");
        fs::permissions(top_, fs::perms{0755});
    }
    void TearDown() override {
        be_myself();
        Catalog::TearDown();
    }
    void be_an_ordinary_user() { ordinary_user_.emplace(); }
    void be_myself() { ordinary_user_.reset(); }
    ports::Expectation expected() const { return {"b", "vm.xml", {}}; }

    std::optional<test::OrdinaryUser> ordinary_user_;
};

TEST_F(Access, AnUnreadableFileFailsTheInspectionAndTheErrorNamesTheCommandThatFixesIt) {
    fs::permissions(share_ / "b/vm.xml", fs::perms::none);
    be_an_ordinary_user();
    auto const files = wait(catalog_->inspect(expected()));
    ASSERT_FALSE(files);
    EXPECT_EQ(files.error().code, Errc::not_permitted);
    EXPECT_THAT(files.error().context, HasSubstr("vm.xml"));
    EXPECT_THAT(files.error().context, HasSubstr("Permission denied; the daemon's user needs read access to"));
    EXPECT_THAT(files.error().context, HasSubstr("setfacl -R -m u:" + std::to_string(::geteuid()) + ":rwX,d:u:"));
    EXPECT_EQ(found("b").state, BackupState::unverified) << "not incomplete: nothing was read";
}

TEST_F(Access, AnUnreadableFolderFailsInTheSameWay) {
    fs::permissions(share_ / "b", fs::perms::none);
    be_an_ordinary_user();
    EXPECT_EQ(wait(catalog_->inspect(expected())).error().code, Errc::not_permitted);
    EXPECT_THAT(wait(catalog_->inspect(expected())).error().context, HasSubstr("setfacl"));
    EXPECT_EQ(found("b").state, BackupState::unverified);
}

TEST_F(Access, AnUnreadableManifestIsNotDamage) {
    ASSERT_TRUE(wait(catalog_->write_manifest("b", sample("b"))));
    fs::permissions(share_ / "b/scale-backup.json", fs::perms::none);
    be_an_ordinary_user();
    EXPECT_EQ(found("b").state, BackupState::unverified);
    EXPECT_THAT(found("b").problem, HasSubstr("Permission denied"));
}

}  // namespace
}  // namespace sb::catalog
