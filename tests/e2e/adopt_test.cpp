// Migration from the predecessor: folders as it leaves them (an export by the cluster's own API, no manifest), next to
// broken, foreign and hostile ones.

#include "tests/e2e/schedule_fixture.hpp"

#include <map>

namespace sb::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Clock = std::chrono::system_clock;

/// The window opens in an hour, so that scheduled backups do not interfere.
std::string closed_window(int most) {
    auto text = window_text(60min, 120min);
    return text.replace(text.find("MaxBackups = 30"), 15, "MaxBackups = " + std::to_string(most));
}

struct AdoptFixture : ScheduleFixture {
    explicit AdoptFixture(int most = 30)
        : ScheduleFixture({.vms = {"ALPHA", "BETA"}, .schedule = closed_window(most), .start_daemon = false}) {}

    /// The predecessor's request.
    void export_by_hand(std::string const& vm, std::string const& folder) const {
        auto const body = R"({"target":{"pathURI":)" +
                          json_string("smb://CONTOSO;JohnDoe:pw@127.0.0.1/ServerBackups/" + uri(folder)) +
                          R"(,"definitionFileName":)" + json_string(vm + ".xml") + R"(,"compress":false}})";
        simulator.request("POST", "/rest/v1/VirDomain/" + vm_uuid(vm) + "/export", body);
        bool const ended = wait_until([&] {
            auto const tasks = json::Document::parse(simulator.get("/rest/v1/TaskTag")).value();
            for (auto const& one : tasks.root().elements())
                if (one["state"].text() != "COMPLETE") return false;
            return fs::exists(share / folder / (vm + ".xml"));
        });
        ASSERT_TRUE(ended) << folder;
    }
    static std::string uri(std::string const& text) {
        std::string out;
        for (char const c : text) out += c == ' ' ? std::string("%20") : std::string(1, c);
        return out;
    }
    /// Sets the modification time of the folder and all its files.
    void date(std::string const& folder, Clock::duration ago) const {
        auto const then = fs::file_time_type::clock::now() - ago;
        for (auto const& entry : fs::directory_iterator(share / folder)) fs::last_write_time(entry.path(), then);
        fs::last_write_time(share / folder, then);
    }
    std::string old_backup(std::string const& vm, Clock::duration ago) const {
        auto const name = stamp_of(Clock::now() - ago) + " " + vm;
        export_by_hand(vm, name);
        date(name, ago);
        return name;
    }
    /// name -> state, from `adopt --json` with these arguments.
    std::map<std::string, std::string> adopt(std::vector<std::string> arguments, int code) const {
        arguments.insert(arguments.begin(), {"--json", "adopt"});
        auto const done = daemon.ctl(arguments);
        EXPECT_EQ(done.code, code) << done.out << done.err;
        std::map<std::string, std::string> states;
        auto const document = json::Document::parse(done.out).value();
        for (auto const& one : document.root()["folders"].elements()) states[one["name"].text()] = one["state"].text();
        return states;
    }
    std::string state(std::string const& name) const {
        for (auto const& backup : backups())
            if (backup.name == name) return backup.state;
        return "";
    }
    bool has_manifest(std::string const& name) const { return fs::exists(share / name / "scale-backup.json"); }
};

TEST(Adopt, AdoptsFoldersOfThePredecessorAndTheyCanBeRestored) {
    AdoptFixture fixture;
    auto const name = fixture.old_backup("ALPHA", 50h);
    fixture.export_by_hand("BETA", "before the update");
    fixture.date("before the update", 30h);
    fixture.daemon.start();
    EXPECT_EQ(fixture.state(name), "unverified");

    auto const dry = fixture.daemon.ctl({"adopt", "--dry-run"});
    EXPECT_THAT(dry, EndedWith(0, "adoptable"));
    EXPECT_THAT(dry, EndedWith(0, "Nothing was changed"));
    EXPECT_FALSE(fixture.has_manifest(name));

    auto const done = fixture.daemon.ctl({"adopt"});
    EXPECT_THAT(done, EndedWith(0, "2 folders are backups, 1 of them made by a schedule"));
    EXPECT_THAT(done, EndedWith(0, "ALPHA: never backed up"));
    EXPECT_THAT(done, EndedWith(0, "BETA: never backed up"));
    EXPECT_EQ(fixture.state(name), "complete");
    EXPECT_EQ(fixture.state("before the update"), "complete");
    expect_every_manifest_is_true(fixture.share);
    for (auto const& backup : fixture.backups()) {
        EXPECT_EQ(backup.vm_uuid, fixture.vm_uuid(backup.vm));
        EXPECT_EQ(backup.scheduled, backup.name == name);
    }
    // Again: nothing left to do.
    EXPECT_THAT(fixture.daemon.ctl({"adopt"}), EndedWith(0, "nothing to adopt"));
    EXPECT_THAT(fixture.adopt({name}, 0), ElementsAre(std::pair(name, "adopted")));

    EXPECT_THAT(fixture.daemon.ctl({"restore", name, "ALPHA again"}), EndedWith(0, ""));
    EXPECT_NE(fixture.vm_uuid("ALPHA again"), fixture.vm_uuid("ALPHA"));
    EXPECT_THAT(fixture.daemon.ctl({"restore", "before the update", "BETA again"}), EndedWith(0, ""));
}

TEST(Adopt, ProtectsWhatRetentionWouldDeleteImmediately) {
    AdoptFixture fixture(1);
    auto const oldest = fixture.old_backup("ALPHA", 96h), middle = fixture.old_backup("ALPHA", 72h),
               newest = fixture.old_backup("ALPHA", 48h);
    fixture.daemon.start();
    EXPECT_THAT(fixture.daemon.ctl({"adopt", "--dry-run"}),
                EndedWith(0, "would delete 2 backups at the next clean-up"));
    EXPECT_THAT(fixture.daemon.ctl({"adopt"}), EndedWith(0, "so nothing is deleted unexpectedly"));
    EXPECT_THAT(fixture.daemon.ctl({"prune"}), EndedWith(0, "Nothing was deleted"));
    EXPECT_THAT(fixture.names_of_backups(), ElementsAre(oldest, middle, newest));
    EXPECT_EQ(fixture.daemon.ctl({"unprotect", oldest}).code, 0);
    // Nothing leans on a copy whose end is not known.
    EXPECT_THAT(fixture.daemon.ctl({"prune"}), EndedWith(0, "Nothing was deleted"));
    EXPECT_EQ(fixture.daemon.ctl({"accept", newest}).code, 0);
    EXPECT_THAT(fixture.daemon.ctl({"prune"}), EndedWith(0, oldest));
    EXPECT_THAT(fixture.names_of_backups(), ElementsAre(middle, newest));
}

TEST(Adopt, LeavesThemToRetentionOnRequest) {
    AdoptFixture fixture(1);
    fixture.old_backup("ALPHA", 72h);
    auto const newest = fixture.old_backup("ALPHA", 48h);
    fixture.daemon.start();
    EXPECT_EQ(fixture.daemon.ctl({"adopt", "--no-protect"}).code, 0);
    EXPECT_EQ(fixture.daemon.ctl({"accept", newest}).code, 0);
    EXPECT_EQ(fixture.daemon.ctl({"prune", "--yes"}).code, 0);
    EXPECT_THAT(fixture.names_of_backups(), ElementsAre(newest));
}

TEST(Adopt, DoesNotChangeBrokenOrForeignFolders) {
    AdoptFixture fixture;
    auto const good = fixture.old_backup("ALPHA", 50h);
    auto const copy = [&](std::string const& name) {
        fs::copy(fixture.share / good, fixture.share / name, fs::copy_options::recursive);
        return fixture.share / name;
    };
    auto const image = [&](std::string const& folder) { return images_in(fixture.share / folder).front(); };
    copy("no disk"), fs::remove(image("no disk"));
    copy("cut disk"), fs::resize_file(image("cut disk"), 100);
    copy("cut late"), fs::resize_file(image("cut late"), fs::file_size(image("cut late")) - 70'000);
    copy("no definition"), fs::remove(fixture.share / "no definition" / "ALPHA.xml");
    write_file(copy("bad definition") / "ALPHA.xml", "<domain><name>ALPHA");
    copy("linked disk");
    auto const linked = image("linked disk");
    fs::remove(linked);
    fs::create_symlink(image(good), linked);
    fs::create_directories(fixture.share / "2026-01-01_00-00-00 web");
    fs::copy(fixture.share / good, fixture.share / "2026-01-01_00-00-00 web" / "front", fs::copy_options::recursive);
    fs::create_directory(fixture.share / "photos");
    write_file(fixture.share / "photos" / "a.jpg", "x");
    fs::create_directory_symlink(fixture.share / good, fixture.share / "linked");
    copy("con.aux?");
    std::vector<std::string> const broken{"no disk",        "cut disk",    "cut late", "no definition",
                                          "bad definition", "linked disk", "con.aux?"};
    for (auto const& name : broken) fixture.date(name, 50h);
    fixture.date("2026-01-01_00-00-00 web", 50h);
    fixture.daemon.start();
    // A cheap check at startup reports missing files and images that end before the end of their tables.
    EXPECT_EQ(fixture.state("no disk"), "incomplete");
    EXPECT_EQ(fixture.state("cut disk"), "incomplete");
    EXPECT_EQ(fixture.state("linked disk"), "incomplete");
    EXPECT_TRUE(
        wait_until([&] { return fixture.daemon.log().find("folders without a manifest") != std::string::npos; }));

    auto const states = fixture.adopt({}, 1);
    EXPECT_EQ(states.at(good), "adopted");
    EXPECT_EQ(states.at("no disk"), "incomplete");
    EXPECT_EQ(states.at("cut disk"), "incomplete");
    EXPECT_EQ(states.at("cut late"), "incomplete");
    EXPECT_EQ(states.at("no definition"), "incomplete");
    EXPECT_EQ(states.at("bad definition"), "incomplete");
    EXPECT_EQ(states.at("linked disk"), "damaged");
    EXPECT_EQ(states.at("2026-01-01_00-00-00 web"), "incomplete");
    EXPECT_EQ(states.at("con.aux?"), "refused");
    EXPECT_FALSE(states.contains("photos"));
    EXPECT_FALSE(states.contains("linked"));
    EXPECT_THAT(fixture.daemon.ctl({"adopt", "--dry-run", "2026-01-01_00-00-00 web"}),
                EndedWith(1, "one folder deeper"));
    EXPECT_FALSE(fixture.has_manifest("photos"));
    for (auto const& name : broken) EXPECT_FALSE(fixture.has_manifest(name)) << name;
    EXPECT_TRUE(fixture.has_manifest(good));
}

TEST(Adopt, RefusesNamesThatLeadOutOfTheShare) {
    AdoptFixture fixture;
    auto const good = fixture.old_backup("ALPHA", 50h);
    fs::copy(fixture.share / good, fixture.dir / "outside", fs::copy_options::recursive);
    fixture.daemon.start();
    auto const states = fixture.adopt({"../outside", "nowhere", ".", "a/b", good}, 3);
    EXPECT_EQ(states.at("../outside"), "not_found");
    EXPECT_EQ(states.at("nowhere"), "not_found");
    EXPECT_EQ(states.at(good), "adopted");  // the failure of the others does not affect it
    EXPECT_FALSE(fs::exists(fixture.dir / "outside" / "scale-backup.json"));
}

TEST(Adopt, SkipsAFolderThatMayStillGrow) {
    AdoptFixture fixture;
    fixture.export_by_hand("ALPHA", "just now");
    fixture.export_by_hand("BETA", "of today");
    fixture.date("of today", 2h);
    fixture.daemon.start();
    EXPECT_THAT(fixture.daemon.ctl({"adopt", "just now"}), EndedWith(1, "export may be in progress"));
    EXPECT_FALSE(fixture.has_manifest("just now"));
    // The cluster reports no running task for BETA.
    EXPECT_THAT(fixture.adopt({"of today"}, 0),
                ElementsAre(std::pair<std::string const, std::string>("of today", "adopted")));
}

}  // namespace
}  // namespace sb::test
