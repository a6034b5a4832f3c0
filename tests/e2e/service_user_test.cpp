// The daemon as a service, with the documented permissions and with others.

#include "tests/e2e/service_fixture.hpp"

#include <pwd.h>

#include <regex>

namespace sb::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

#define SB_NEEDS_ROOT_AND_USERS()                                               \
    if (!ServiceFixture::has_own_users() || !ServiceFixture::missing().empty()) \
    GTEST_SKIP() << "needs root, setpriv and the users daemon and games"

unsigned mode_of(fs::path const& path) { return file_status_of(path).st_mode & 07777u; }

/// A copy of the backup, dated a year earlier, with its owners and modes.
std::string copy_of_last_year(ServiceFixture const& service, std::string const& name) {
    auto const copy = std::to_string(std::stoi(name.substr(0, 4)) - 1) + name.substr(4);
    auto const share = service.fixture.share();
    EXPECT_EQ(run({.argv = {"cp", "-a", (share / name).string(), (share / copy).string()}}).code, 0);
    auto manifest = read_file(share / copy / "scale-backup.json");
    manifest =
        std::regex_replace(manifest, std::regex("(\"(?:backup|started|completed|at)\": *\")" + name.substr(0, 4)),
                           "$01" + copy.substr(0, 4));
    write_file(share / copy / "scale-backup.json", manifest);
    return copy;
}

TEST(ServiceUser, BacksUpVerifiesRestoresAndPrunesWithTheDocumentedPermissions) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_ROOT_AND_USERS();
    ServiceFixture service;
    EXPECT_EQ(run({.argv = service.as_service({"--check-config"})}).code, 0);
    service.start();
    ASSERT_TRUE(wait_until([&] { return service.scheduled().size() == 3; })) << service.process->err();

    // The exports belong to the share's user, the manifest to the daemon's user, with a common group.
    auto const name = service.scheduled().front();
    auto const folder = service.fixture.folder(name);
    EXPECT_THAT(run({.argv = {"ps", "-o", "user=", "-p", std::to_string(service.process->pid())}}).out,
                HasSubstr(ServiceFixture::service_user));
    EXPECT_EQ(file_status_of(folder).st_uid, ::getpwnam(ServiceFixture::share_user)->pw_uid);
    EXPECT_EQ(mode_of(folder), 02770u);
    for (auto const& image : images_in(folder)) EXPECT_EQ(mode_of(image) & 0777u, 0660u) << image;
    EXPECT_EQ(file_status_of(folder / "scale-backup.json").st_uid, ServiceFixture::uid());
    for (auto const& entry : fs::directory_iterator(folder))
        EXPECT_EQ(file_status_of(entry.path()).st_gid, ServiceFixture::gid()) << entry;
    expect_every_manifest_is_true(service.fixture.share());

    EXPECT_EQ(service.ctl({"pause"}).code, 0);  // or the restored VM would be backed up too
    auto const vm = service.some_vm();
    EXPECT_THAT(service.ctl({"backup", vm, "by hand"}), EndedWith(0, ""));
    EXPECT_THAT(service.ctl({"verify", "by hand"}), EndedWith(0, ""));
    EXPECT_THAT(service.ctl({"restore", "by hand", vm + "-restored"}), EndedWith(0, ""));

    auto const old = copy_of_last_year(service, name);
    EXPECT_THAT(service.ctl({"adopt", "--no-protect", old}), EndedWith(0, ""));
    EXPECT_TRUE(wait_until([&] { return service.scheduled().size() == 4; }));
    EXPECT_THAT(service.ctl({"prune"}), EndedWith(0, old)) << service.ctl({"prune", "--dry-run"}).out;
    EXPECT_FALSE(fs::exists(service.fixture.folder(old)));
    EXPECT_EQ(service.scheduled().size(), 3u);

    EXPECT_EQ(service.process->stop().code, 0);
    EXPECT_FALSE(fs::exists(service.socket()));
}

TEST(ServiceUser, OnlyItsGroupMayUseTheSocket) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_ROOT_AND_USERS();
    ServiceFixture service;
    service.start();
    EXPECT_EQ(file_status_of(service.socket()).st_gid, ServiceFixture::gid());
    EXPECT_EQ(mode_of(service.state_dir()), 0700u);
    EXPECT_EQ(service.ctl_of_member(ServiceFixture::gid(), {"status"}).code, 0);
    EXPECT_EQ(service.ctl_of_member(ServiceFixture::gid(), {"pause"}).code, 0);
    EXPECT_EQ(service.ctl_of_member(54321, {"status"}).code, 6);
}

TEST(ServiceUser, WithSambasDefaultsTheBackupFailsAtItsManifestAndReportsIt) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_ROOT_AND_USERS();
    ServiceFixture service({.share_lines = "", .share_mode = fs::perms{01777}});
    service.start();
    ASSERT_EQ(service.ctl({"pause"}).code, 0);
    auto const failed = service.ctl({"backup", service.some_vm(), "as Samba does"});
    EXPECT_THAT(failed.err, HasSubstr("writing the manifest"));
    EXPECT_THAT(failed.err, HasSubstr("Permission denied"));
    EXPECT_NE(failed.code, 0);
    EXPECT_FALSE(fs::exists(service.fixture.folder("as Samba does")));
    auto const landing = service.fixture.landing_folder_of("as Samba does");
    ASSERT_NE(landing, "");
    EXPECT_FALSE(fs::exists(service.fixture.folder(landing) / "scale-backup.json"));
    EXPECT_FALSE(images_in(service.fixture.folder(landing)).empty()) << "the exported files stay";
}

TEST(ServiceUser, AnUnreadableConfigurationIsReported) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_ROOT_AND_USERS();
    ServiceFixture service;
    ServiceFixture::give(service.config(), 0, 0600);
    EXPECT_THAT(run({.argv = service.as_service({"--check-config"})}), EndedWith(78, service.config().string()));
}

}  // namespace
}  // namespace sb::test
