// interactive-restore as a person uses it: on a terminal, key by key, with a real daemon.

#include "tests/e2e/fixture.hpp"
#include "tests/support/pty_process.hpp"

#include <csignal>

namespace sb::test {
namespace {

constexpr char const* enter = "\r";

std::string first_menu_vm(Fixture const& fixture) {
    auto const names = fixture.daemon.ctl({"show-vms"}).out;
    return names.substr(0, names.find('\n'));
}

/// A fixture with one backup of its first VM.
struct MenuFixture {
    MenuFixture() : vm(first_menu_vm(fixture)) {
        auto const made = fixture.daemon.ctl({"backup", vm, "Sicherung von Hand"});
        EXPECT_EQ(made.code, 0) << made.err;
    }
    Command menu(std::vector<std::pair<std::string, std::string>> environment = {}) const {
        return {.argv = {built_program("scale-backupctl"), "--socket", fixture.daemon.socket().string(),
                         "interactive-restore"},
                .environment = std::move(environment)};
    }
    bool cluster_has(std::string const& name) const {
        return ("\n" + fixture.daemon.ctl({"show-vms"}).out).find("\n" + name + "\n") != std::string::npos;
    }

    Fixture fixture;
    std::string vm;
};

TEST(InteractiveRestore, FourKeysRestoreTheNewestBackupOfTheFirstVm) {
    SB_NEEDS_SAMBA();
    MenuFixture const menu;
    PtyProcess program(menu.menu());
    EXPECT_TRUE(program.wait_for("Restore which VM?"));
    program.type(enter);
    EXPECT_TRUE(program.wait_for("Which backup of VM '" + menu.vm));
    EXPECT_TRUE(program.wait_for("Sicherung von Hand"));
    program.type(enter);
    EXPECT_TRUE(program.wait_for(menu.vm + "-restored"));
    program.type(enter);
    EXPECT_TRUE(program.wait_for("Enter or y: restore"));
    program.type(enter);
    EXPECT_EQ(program.exit_code(), 0) << program.raw();
    EXPECT_TRUE(program.is_cooked());
    EXPECT_TRUE(menu.cluster_has(menu.vm + "-restored"));
}

TEST(InteractiveRestore, AcceptsTypedNamesWithSpacesAndOtherScripts) {
    SB_NEEDS_SAMBA();
    MenuFixture const menu;
    PtyProcess program(menu.menu(), {200, 50});
    EXPECT_TRUE(program.wait_for("Restore which VM?"));
    program.type(std::string(enter) + enter);
    EXPECT_TRUE(program.wait_for("Name of the new VM?"));
    program.type(
        "\x15"
        "Büro 漢 neu");
    EXPECT_TRUE(program.wait_for("Büro 漢 neu_"));
    program.type(enter);
    program.type("y");
    EXPECT_EQ(program.exit_code(), 0) << program.raw();
    EXPECT_TRUE(menu.cluster_has("Büro 漢 neu"));
}

TEST(InteractiveRestore, EscapeGoesBackAndCtrlCRestoresTheTerminal) {
    SB_NEEDS_SAMBA();
    MenuFixture const menu;
    PtyProcess program(menu.menu());
    EXPECT_TRUE(program.wait_for("Restore which VM?"));
    program.type(enter);
    EXPECT_TRUE(program.wait_for("Which backup of"));
    program.type("\x1b");
    EXPECT_TRUE(program.wait_for("Restore which VM?"));
    EXPECT_FALSE(program.is_cooked());
    program.type("\x03");
    EXPECT_EQ(program.exit_code(), 130);
    EXPECT_TRUE(program.is_cooked());
    EXPECT_FALSE(menu.cluster_has(menu.vm + "-restored"));
}

TEST(InteractiveRestore, ASignalRestoresTheTerminal) {
    SB_NEEDS_SAMBA();
    MenuFixture const menu;
    auto const pid_file = (menu.fixture.dir / "pid").string();
    PtyProcess shell({.argv = {"sh", "-c", "sh -c 'echo $$ >\"$0\"; exec \"$@\"' \"$@\"; echo ended $?", "sh", pid_file,
                               built_program("scale-backupctl"), "--socket", menu.fixture.daemon.socket().string(),
                               "interactive-restore"}});
    EXPECT_TRUE(shell.wait_for("Restore which VM?"));
    ASSERT_EQ(::kill(static_cast<pid_t>(std::stol(read_file(pid_file))), SIGTERM), 0);
    EXPECT_TRUE(shell.wait_for("ended 130"));
    EXPECT_TRUE(shell.is_cooked());
}

TEST(InteractiveRestore, RedrawsWhenTheWindowIsResized) {
    SB_NEEDS_SAMBA();
    MenuFixture const menu;
    PtyProcess program(menu.menu());
    EXPECT_TRUE(program.wait_for("Restore which VM?"));
    program.resize({40, 10});
    EXPECT_TRUE(program.wait_for("Restore which VM?"));
    program.type("\x1b");
    EXPECT_EQ(program.exit_code(), 130);
}

TEST(InteractiveRestore, OffersBackupsOfDeletedVms) {
    SB_NEEDS_SAMBA();
    MenuFixture const menu;
    auto const uuid = menu.fixture.vm_uuid(menu.vm);
    menu.fixture.simulator.request("POST", "/rest/v1/VirDomain/action",
                                   R"([{"virDomainUUID":")" + uuid + R"(","actionType":"STOP","cause":"INTERNAL"}])");
    auto const is_off = [&] {
        return menu.fixture.simulator.request("GET", "/rest/v1/VirDomain/" + uuid, "").find("\"SHUTOFF\"") !=
               std::string::npos;
    };
    ASSERT_TRUE(wait_until(is_off));
    menu.fixture.simulator.request("DELETE", "/rest/v1/VirDomain/" + uuid, "");
    ASSERT_TRUE(wait_until([&] { return !menu.cluster_has(menu.vm); }));
    PtyProcess program(menu.menu());
    EXPECT_TRUE(program.wait_for("deleted VM")) << program.raw();
    program.type(std::string(enter) + enter + enter);
    EXPECT_TRUE(program.wait_for("Enter or y: restore"));
    program.type(enter);
    EXPECT_EQ(program.exit_code(), 0) << program.raw();
    EXPECT_TRUE(menu.cluster_has(menu.vm + "-restored"));
}

TEST(InteractiveRestore, ShowsHowToAdoptABackupWithoutAManifest) {
    SB_NEEDS_SAMBA();
    MenuFixture const menu;
    auto const old = menu.fixture.folder("2020-01-01_00-00-00 OLD");
    std::filesystem::copy(menu.fixture.folder("Sicherung von Hand"), old);
    std::filesystem::remove(old / "scale-backup.json");
    PtyProcess program(menu.menu());
    EXPECT_TRUE(program.wait_for("OLD"));
    program.type("old");
    EXPECT_TRUE(program.wait_for("Search: old_"));
    program.type(enter);
    EXPECT_TRUE(program.wait_for("2020-01-01_00-00-00 OLD"));
    program.type(enter);
    EXPECT_TRUE(program.wait_for("This folder has no manifest"));
    program.type("\x03");
    EXPECT_EQ(program.exit_code(), 130);
}

TEST(InteractiveRestore, AsksLineByLineWithoutATerminal) {
    SB_NEEDS_SAMBA();
    MenuFixture const menu;
    auto command = menu.menu();
    command.input = "1\n\nfrom lines\nyes\n";
    auto const done = run(command, std::chrono::seconds{60});
    EXPECT_EQ(done.code, 0) << done.err;
    EXPECT_THAT(done.err, testing::HasSubstr("   1  " + menu.vm));
    EXPECT_TRUE(menu.cluster_has("from lines"));
}

TEST(InteractiveRestore, AsksLineByLineOnADumbTerminal) {
    SB_NEEDS_SAMBA();
    MenuFixture const menu;
    PtyProcess program(menu.menu({{"TERM", "dumb"}}));
    EXPECT_TRUE(program.wait_for("Number or part of the name"));
    program.type("q\r");
    EXPECT_EQ(program.exit_code(), 130);
    EXPECT_EQ(program.raw().find('\x1b'), std::string::npos);
}

TEST(InteractiveRestore, TheEndOfInputRestoresNothing) {
    SB_NEEDS_SAMBA();
    MenuFixture const menu;
    auto const done = run(menu.menu());
    EXPECT_THAT(done, EndedWith(130, "Nothing was restored"));
}

TEST(InteractiveRestore, ReportsThatThereAreNoBackups) {
    SB_NEEDS_SAMBA();
    Fixture const fixture;
    EXPECT_THAT(fixture.daemon.ctl({"interactive-restore"}), EndedWith(3, "there are no backups yet"));
}

}  // namespace
}  // namespace sb::test
