// Names are for people: matched and shown unchanged, never trusted in a path.

#include "tests/e2e/fixture.hpp"

namespace sb::test {
namespace {

class VmName : public ::testing::TestWithParam<char const*> {};

TEST_P(VmName, IsBackedUpShownAndRestored) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    std::string const name = GetParam();
    auto const listed = fixture.daemon.ctl({"show-vms"}).out;
    fixture.rename_vm(listed.substr(0, listed.find('\n')), name);

    auto const backup = fixture.daemon.ctl({"backup", name, "safe folder"});
    ASSERT_EQ(backup.code, 0) << backup.out << backup.err;
    expect_backup(fixture, "safe folder");
    auto const backups = fixture.daemon.ctl_json({"show-backups"});
    EXPECT_EQ(backups.root().at(0)["vm"].text(), name);
    EXPECT_EQ(backups.root().at(0)["vm_uuid"].text(), fixture.vm_uuid(name));

    auto const restore = fixture.daemon.ctl({"restore", "safe folder", name + " (2)"});
    EXPECT_EQ(restore.code, 0) << restore.out << restore.err;
    EXPECT_NO_THROW(fixture.vm_uuid(name + " (2)"));
    // Nothing was written outside the backup's folder.
    EXPECT_EQ(fixture.folders(), 1);
}

INSTANTIATE_TEST_SUITE_P(Hard, VmName,
                         ::testing::Values("two words", "quote\"and'apostrophe", "Bücher-服务器-сервер", "web/front",
                                           "back\\slash", "../../etc", ".hidden.", "CON", "a:b*c?d<e>f|g",
                                           "100% & more;#1", "{{VMName}} $HOME `id`"),
                         [](auto const& test) { return "Case" + std::to_string(test.index); });

TEST(TwinNames, AreRefusedByNameAndAcceptedByUuid) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    auto const document = fixture.daemon.ctl_json({"show-vms"});
    auto const vms = document.root().elements();
    ASSERT_GE(vms.size(), 2U);
    fixture.rename_vm(vms[0]["name"].text(), "twin");
    fixture.rename_vm(vms[1]["name"].text(), "twin");

    auto const refused = fixture.daemon.ctl({"backup", "twin", "which"});
    EXPECT_THAT(refused, EndedWith(4, vms[0]["uuid"].text()));
    EXPECT_THAT(refused, EndedWith(4, vms[1]["uuid"].text()));
    EXPECT_TRUE((fixture.folders() == 0));

    for (auto const& vm : {vms[0], vms[1]}) {
        auto const uuid = vm["uuid"].text();
        auto const backup = fixture.daemon.ctl({"backup", uuid, "of " + uuid});
        EXPECT_EQ(backup.code, 0) << backup.out << backup.err;
        EXPECT_FALSE(images_in(fixture.folder("of " + uuid)).empty());
    }
    expect_every_manifest_is_true(fixture.share());
}

TEST(VmNameChange, IsKnownImmediately) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    auto const listed = fixture.daemon.ctl({"show-vms"}).out;
    auto const uuid = fixture.vm_uuid(listed.substr(0, listed.find('\n')));
    fixture.simulator.request("PATCH", "/rest/v1/VirDomain/" + uuid, R"({"name":"just named"})");
    auto const backup = fixture.daemon.ctl({"backup", "just named", "x"});
    EXPECT_EQ(backup.code, 0) << backup.out << backup.err;
}

TEST(BackupName, ThatIsInvalidOnAnySystemIsRefusedBeforeAnythingIsSent) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    auto const listed = fixture.daemon.ctl({"show-vms"}).out;
    auto const vm = listed.substr(0, listed.find('\n'));
    std::filesystem::create_directory(fixture.folder("exists already"));
    for (std::string const name : {"..",
                                   ".",
                                   "../up",
                                   "a/b",
                                   "a\\b",
                                   "/etc",
                                   "nul",
                                   "COM1.txt",
                                   "ends with dot.",
                                   "ends with space ",
                                   "a:b",
                                   "a*b",
                                   "a?b",
                                   "a\"b",
                                   "a<b",
                                   "a>b",
                                   "a|b",
                                   "line\nbreak",
                                   "tab\tbed",
                                   "bell\a",
                                   "web.exporting-0badcafe",
                                   "WEB.EXPORTING-0BADCAFE",
                                   "exists already",
                                   "Exists ALREADY"}) {
        auto const refused = fixture.daemon.ctl({"backup", vm, name});
        EXPECT_EQ(refused.code, 4) << '"' << name << '"' << refused.out << refused.err;
        EXPECT_GT(refused.err.size(), 10U) << "no reason given for " << name;
    }
    EXPECT_EQ(fixture.daemon.ctl({"backup", vm, std::string(300, 'x')}).code, 4);
    EXPECT_NE(fixture.daemon.ctl({"backup", vm, ""}).code, 0);
    EXPECT_EQ(fixture.folders(), 1);
    auto const tasks = json::Document::parse(fixture.simulator.get("/rest/v1/TaskTag"));
    for (auto const& task : tasks->root().elements())
        EXPECT_EQ(task["formattedDescription"].text().find("xport"), std::string::npos) << task.dump();
}

TEST(BackupName, OfTwoConcurrentJobsBelongsToOnlyOne) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.simulator = {.options = {"--export-seconds", "1"}}});
    auto const document = fixture.daemon.ctl_json({"show-vms"});
    auto const vms = document.root().elements();
    auto const first = fixture.detach({"backup", vms[0]["uuid"].text(), "same"});
    for (auto const* name : {"same", "SAME"})  // SMB ignores case
        EXPECT_EQ(fixture.daemon.ctl({"backup", vms[1]["uuid"].text(), name}).code, 4) << name;
    EXPECT_EQ(fixture.wait_for_state(first, {"succeeded", "failed"}), "succeeded");
    expect_backup(fixture, "same");
}

TEST(BackupName, MayContainSpacesSpecialCharactersAndAnyScript) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    auto const listed = fixture.daemon.ctl({"show-vms"}).out;
    auto const vm = listed.substr(0, listed.find('\n'));
    for (std::string const name :
         {"2026-11-23_22-00-00 FILE01", "100% #1 & $x; {y} [z] (a)+,=@!'`~^", "Sicherung für Bücher 日本", "-rf"}) {
        auto const made = fixture.daemon.ctl({"backup", "--", vm, name});
        EXPECT_EQ(made.code, 0) << name << made.out << made.err;
        expect_backup(fixture, name);
    }
}

}  // namespace
}  // namespace sb::test
