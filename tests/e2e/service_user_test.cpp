// The daemon as a service: a dedicated user that is not root, and a share whose files belong to another user.
// Permissions follow docs/installation.md.

#include "tests/e2e/fixture.hpp"

#include <grp.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <regex>

namespace sb::test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// Users that exist on Debian and FreeBSD, instead of scale-backup and scale-export.
constexpr char const* service_user = "daemon";
constexpr char const* share_user = "games";

#define SB_NEEDS_ROOT_AND_USERS()                                                                             \
    if (::geteuid() != 0 || !find_program("setpriv") || !::getpwnam(service_user) || !::getpwnam(share_user)) \
    GTEST_SKIP() << "needs root, setpriv and the users daemon and games"

/// The lines for smb.conf from the document.
std::string lines_of_the_document(std::string const& group) {
    return "  valid users = " + std::string(share_user) + "\n  force group = " + group +
           "\n  create mask = 0660\n  force create mode = 0660\n  directory mask = 2770\n  force directory mode = "
           "2770\n";
}

struct ::stat status_of(fs::path const& path) {
    struct ::stat status {};
    if (::lstat(path.c_str(), &status) != 0) throw std::runtime_error("there is no " + path.string());
    return status;
}
unsigned mode_of(fs::path const& path) { return status_of(path).st_mode & 07777u; }

struct ServiceFixture {
    explicit ServiceFixture(std::string const& share_lines, fs::perms share_mode)
        : fixture({.samba = {.unix_user = share_user, .share_lines = share_lines}, .start_daemon = false}) {
        for (auto const& folder : {fixture.share().parent_path(), fixture.dir.path()})
            fs::permissions(folder, fs::perms{0711});
        // The build tree may be accessible only to its owner.
        for (auto const* name : {"scale-backupd", "scale-backupctl"})
            fs::copy_file(built_program(name), fixture.dir / name);
        for (auto const* name : {"run", "state", "etc"}) fs::create_directory(fixture.dir / name);
        give(fixture.dir / "run", uid(), 0755);
        give(fixture.dir / "state", uid(), 0700);
        give(fixture.dir / "etc", 0, 0750);
        give(fixture.share(), uid(), static_cast<unsigned>(share_mode));
        fixture.daemon.settings.more =
            "[Schedule]\nStartTime = '0:00'\nEndTime = '0:00'\nBackupInterval = '1 day'\nMaxBackups = 1\n";
        write_file(config(), config_text(fixture.daemon.settings));
        give(config(), 0, 0640);
    }

    static uid_t uid() { return ::getpwnam(service_user)->pw_uid; }
    static gid_t gid() { return ::getpwnam(service_user)->pw_gid; }
    static std::string group() { return ::getgrgid(gid())->gr_name; }
    static void give(fs::path const& path, uid_t owner, unsigned mode) {
        if (::chown(path.c_str(), owner, gid()) != 0 || ::chmod(path.c_str(), mode) != 0)
            throw std::runtime_error(path.string());
    }

    fs::path config() const { return fixture.dir / "etc/config.toml"; }
    fs::path socket() const { return fixture.dir / "run/control.sock"; }

    std::vector<std::string> as_service(std::vector<std::string> const& options) const {
        // The unit has UMask=0027.
        std::vector<std::string> argv{"sh",
                                      "-c",
                                      "umask 0027; exec \"$@\"",
                                      "sh",
                                      "setpriv",
                                      "--reuid",
                                      service_user,
                                      "--regid",
                                      group(),
                                      "--clear-groups",
                                      "--no-new-privs",
                                      (fixture.dir / "scale-backupd").string(),
                                      "--config",
                                      config().string(),
                                      "--socket",
                                      socket().string(),
                                      "--state-dir",
                                      (fixture.dir / "state").string()};
        argv.insert(argv.end(), options.begin(), options.end());
        return argv;
    }
    void start() {
        process = std::make_unique<Process>(Command{.argv = as_service({})});
        ASSERT_TRUE(wait_until([&] { return ctl({"jobs"}).code == 0 || !process->running(); }));
        ASSERT_TRUE(process->running()) << process->err();
    }
    Finished ctl(std::vector<std::string> arguments) const {
        arguments.insert(arguments.begin(), {built_program("scale-backupctl"), "--socket", socket().string()});
        return run({.argv = arguments}, std::chrono::seconds{60});
    }
    /// As a user who is also in this group.
    Finished ctl_of_member(gid_t of, std::vector<std::string> const& arguments) const {
        std::vector<std::string> argv{"setpriv",
                                      "--reuid",
                                      "54321",
                                      "--regid",
                                      "54321",
                                      "--groups",
                                      std::to_string(of),
                                      (fixture.dir / "scale-backupctl").string(),
                                      "--socket",
                                      socket().string()};
        argv.insert(argv.end(), arguments.begin(), arguments.end());
        return run({.argv = argv});
    }
    std::vector<std::string> scheduled() const {
        std::vector<std::string> names;
        auto const backups = json::Document::parse(ctl({"--json", "show-backups"}).out).value();
        for (auto const& backup : backups.root().elements())
            if (backup["scheduled"].boolean() == true && backup["state"].text() == "complete")
                names.push_back(backup["name"].text());
        return names;
    }
    std::string some_vm() const {
        auto const names = ctl({"show-vms"}).out;
        return names.substr(0, names.find('\n'));
    }

    Fixture fixture;
    std::unique_ptr<Process> process;
};

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
    ServiceFixture service(lines_of_the_document(ServiceFixture::group()), fs::perms{02770});
    EXPECT_EQ(run({.argv = service.as_service({"--check-config"})}).code, 0);
    service.start();
    ASSERT_TRUE(wait_until([&] { return service.scheduled().size() == 3; })) << service.process->err();

    // The exports belong to the share's user, the manifest to the daemon's user, with a common group.
    auto const name = service.scheduled().front();
    auto const folder = service.fixture.folder(name);
    EXPECT_THAT(run({.argv = {"ps", "-o", "user=", "-p", std::to_string(service.process->pid())}}).out,
                HasSubstr(service_user));
    EXPECT_EQ(status_of(folder).st_uid, ::getpwnam(share_user)->pw_uid);
    EXPECT_EQ(mode_of(folder), 02770u);
    for (auto const& image : images_in(folder)) EXPECT_EQ(mode_of(image) & 0777u, 0660u) << image;
    EXPECT_EQ(status_of(folder / "scale-backup.json").st_uid, ServiceFixture::uid());
    for (auto const& entry : fs::directory_iterator(folder))
        EXPECT_EQ(status_of(entry.path()).st_gid, ServiceFixture::gid()) << entry;
    expect_every_manifest_is_true(service.fixture.share());

    EXPECT_EQ(service.ctl({"pause"}).code, 0);  // or the restored VM would be backed up too
    auto const vm = service.some_vm();
    EXPECT_THAT(service.ctl({"backup", vm, "by hand"}), EndedWith(0, ""));
    EXPECT_THAT(service.ctl({"verify", "by hand"}), EndedWith(0, ""));
    EXPECT_THAT(service.ctl({"restore", "by hand", vm + "-restored"}), EndedWith(0, ""));

    auto const old = copy_of_last_year(service, name);
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
    ServiceFixture service(lines_of_the_document(ServiceFixture::group()), fs::perms{02770});
    service.start();
    EXPECT_EQ(status_of(service.socket()).st_gid, ServiceFixture::gid());
    EXPECT_EQ(mode_of(service.fixture.dir / "state"), 0700u);
    EXPECT_EQ(service.ctl_of_member(ServiceFixture::gid(), {"status"}).code, 0);
    EXPECT_EQ(service.ctl_of_member(ServiceFixture::gid(), {"pause"}).code, 0);
    EXPECT_EQ(service.ctl_of_member(54321, {"status"}).code, 6);
}

TEST(ServiceUser, WithSambasDefaultsTheBackupFailsAtItsManifestAndReportsIt) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_ROOT_AND_USERS();
    ServiceFixture service("", fs::perms{01777});
    service.start();
    ASSERT_EQ(service.ctl({"pause"}).code, 0);
    auto const failed = service.ctl({"backup", service.some_vm(), "as Samba does"});
    EXPECT_THAT(failed.err, HasSubstr("writing the manifest"));
    EXPECT_THAT(failed.err, HasSubstr("Permission denied"));
    EXPECT_NE(failed.code, 0);
    EXPECT_FALSE(fs::exists(service.fixture.folder("as Samba does") / "scale-backup.json"));
    EXPECT_FALSE(images_in(service.fixture.folder("as Samba does")).empty()) << "the exported files stay";
}

TEST(ServiceUser, AnUnreadableConfigurationIsReported) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_ROOT_AND_USERS();
    ServiceFixture service(lines_of_the_document(ServiceFixture::group()), fs::perms{02770});
    ServiceFixture::give(service.config(), 0, 0600);
    EXPECT_THAT(run({.argv = service.as_service({"--check-config"})}), EndedWith(78, service.config().string()));
}

}  // namespace
}  // namespace sb::test
