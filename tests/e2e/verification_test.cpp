// Verification of backups: by command and automatically, with real damaged files.

#include "tests/e2e/mail_server.hpp"
#include "tests/e2e/schedule_fixture.hpp"

#include <fstream>

namespace sb::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::HasSubstr;

void flip_a_byte(fs::path const& file, std::uintmax_t offset) {
    std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
    stream.seekg(static_cast<std::streamoff>(offset));
    char const byte = static_cast<char>(stream.get() ^ 0x10);
    stream.seekp(static_cast<std::streamoff>(offset));
    stream.put(byte);
}

struct Seen {
    std::string state, level;
};
Seen seen(ScheduleFixture const& fixture, std::string const& name) {
    auto const document = fixture.daemon.ctl_json({"show-backups"});
    for (auto const& backup : document.root().elements())
        if (backup["name"].text() == name) return {backup["state"].text(), backup["verified"]["level"].text()};
    return {};
}

ScheduleFixtureSettings with_verify(std::string const& lines) {
    return {.vms = {"A", "B"}, .schedule = window_text(120min, 240min), .more = lines};
}

/// An offset inside the guest's data: the last 64 KiB of the simulator's images contain some.
std::uintmax_t in_the_data(fs::path const& image) { return fs::file_size(image) - 30'000; }

TEST(Verification, FindsAFlippedByteWithAllConsequences) {
    SB_NEEDS_MAIL_SERVER();
    MailServer mails;
    ScheduleFixture fixture(with_verify(mails.config()));
    ASSERT_EQ(fixture.daemon.ctl({"backup", "A", "one"}).code, 0);
    ASSERT_EQ(fixture.daemon.ctl({"backup", "A", "two"}).code, 0);
    EXPECT_THAT(fixture.daemon.ctl({"verify", "one", "--level", "reread"}), EndedWith(4, "has never been verified"));
    EXPECT_THAT(fixture.daemon.ctl({"verify", "one"}), EndedWith(0, "'one' is intact (content)"));
    EXPECT_EQ(seen(fixture, "one").level, "content");
    EXPECT_EQ(run({.argv = {"python3", SB_DIGESTS_ORACLE, (fixture.share / "one").string()}}).code, 0);
    EXPECT_THAT(fixture.daemon.ctl({"verify", "one", "--level", "reread"}), EndedWith(0, "'one' is intact"));
    EXPECT_EQ(seen(fixture, "one").level, "reread");

    auto const image = images_in(fixture.share / "one").front();
    auto const place = in_the_data(image);
    flip_a_byte(image, place);
    EXPECT_THAT(fixture.daemon.ctl({"verify", "--level", "structure", "one"}), EndedWith(0, ""))
        << "no table of the image is affected";
    EXPECT_THAT(fixture.daemon.ctl({"verify", "one"}), EndedWith(1, image.filename().string()));
    EXPECT_EQ(seen(fixture, "one").state, "damaged");
    EXPECT_THAT(mails.mail(1), HasSubstr("backup one is damaged"));

    fixture.daemon.kill();
    fs::remove_all(fixture.daemon.state_dir());
    fixture.daemon.start();
    EXPECT_EQ(seen(fixture, "one").state, "damaged")
        << "the manifest records it, even if the daemon has lost its state";
    EXPECT_THAT(fixture.daemon.ctl({"restore", "one", "C"}), EndedWith(4, "damaged"));
    EXPECT_EQ(fixture.daemon.ctl({"restore", "one", "C", "--force"}).code, 0);
    EXPECT_THAT(fixture.daemon.log(), HasSubstr("restoring it anyway"));

    flip_a_byte(image, place);  // as if the cable was at fault
    EXPECT_EQ(fixture.daemon.ctl({"verify", "one", "--level", "structure"}).code, 0);
    EXPECT_EQ(seen(fixture, "one").state, "damaged");
    EXPECT_THAT(fixture.daemon.ctl({"verify", "one"}), EndedWith(0, "intact"));
    EXPECT_EQ(seen(fixture, "one").state, "complete");
}

TEST(Verification, ADefinitionWithAZeroedBlockIsDamagedAndNotRestored) {
    ScheduleFixture fixture(with_verify(""));
    ASSERT_EQ(fixture.daemon.ctl({"backup", "A", "one"}).code, 0);
    auto const definition = fixture.share / "one" / "one.xml";
    auto const size = fs::file_size(definition);
    std::ofstream(definition, std::ios::binary) << std::string(size, '\0');
    EXPECT_EQ(seen(fixture, "one").state, "complete") << "a listing checks only sizes";
    EXPECT_THAT(fixture.daemon.ctl({"verify", "one", "--level", "structure"}), EndedWith(1, "the definition is empty"));
    EXPECT_EQ(seen(fixture, "one").state, "damaged");
    EXPECT_THAT(fixture.daemon.ctl({"restore", "one", "C"}), EndedWith(4, "damaged"));
}

TEST(Verification, ADamagedCopyPreventsTheDeletionOfOthers) {
    ScheduleFixture fixture({.vms = {"A"}, .schedule = window_text(-60min, 3min)});
    fixture.ended_run();
    auto const newest = fixture.only_backup_of("A");
    std::vector<std::string> older;
    for (int days : {3, 6, 9})
        older.push_back(fixture.copy_backup(newest, std::chrono::system_clock::now() - std::chrono::hours(24 * days)));
    ASSERT_EQ(fixture.daemon.ctl({"verify", "--level", "structure"}).code, 0);
    fixture.daemon.stop();
    auto& more = fixture.daemon.settings.more;
    more.replace(more.find("MaxBackups = 30"), 15, "MaxBackups = 1");
    fixture.daemon.start();
    fs::resize_file(images_in(fixture.share / older[1]).front(), 100'000);
    ASSERT_EQ(fixture.daemon.ctl({"verify", older[1]}).code, 1);
    auto const verdicts = fixture.ask("backups.retention");
    for (auto const& verdict : verdicts.root()["backups"].elements()) {
        EXPECT_EQ(verdict["keep"].boolean(), true) << verdict.dump();
        if (verdict["name"].text() != older[2]) continue;
        EXPECT_THAT(verdict["reason"].text(), HasSubstr("damaged"));
    }
    EXPECT_EQ(fixture.ask("backups.prune", R"({"confirmed":true})").root()["deleted"].elements().size(), 0U);
}

TEST(Verification, VerifiesAllAndReportsTheWorstResult) {
    ScheduleFixture fixture(with_verify(""));
    EXPECT_THAT(fixture.daemon.ctl({"verify"}), EndedWith(0, "no backup"));
    ASSERT_EQ(fixture.daemon.ctl({"backup", "A", "one"}).code, 0);
    ASSERT_EQ(fixture.daemon.ctl({"backup", "B", "two"}).code, 0);
    EXPECT_THAT(fixture.daemon.ctl({"verify", "none"}), EndedWith(3, "none"));
    EXPECT_EQ(fixture.daemon.ctl_json({"verify"}).root().elements().size(), 2U);
    fs::resize_file(images_in(fixture.share / "one").front(), 100'000);
    EXPECT_EQ(fixture.daemon.ctl({"verify"}).code, 1);
    EXPECT_EQ(seen(fixture, "one").state, "damaged");
    EXPECT_EQ(seen(fixture, "two").level, "reread");
    fs::remove(fixture.share / "two" / "scale-backup.json");
    EXPECT_THAT(fixture.daemon.ctl({"verify", "two"}), EndedWith(4, "manifest"));
    auto const detached = fixture.daemon.ctl({"verify", "one", "--detach"});
    EXPECT_EQ(detached.code, 0);
    EXPECT_THAT(fixture.daemon.ctl({"watch", detached.out.substr(0, detached.out.find('\n'))}), EndedWith(1, "one"));
}

TEST(Verification, NewBackupsAreReadAutomaticallyIfConfigured) {
    ScheduleFixture fixture(
        with_verify("[Verify]\nContent = true\nWhen = 'always'\nCores = 2\nMaxRate = 'unlimited'\n"));
    ASSERT_EQ(fixture.daemon.ctl({"backup", "A", "one"}).code, 0);
    EXPECT_TRUE(wait_until([&] { return seen(fixture, "one").level == "content"; }, 30s)) << fixture.daemon.log();
    auto const jobs = fixture.daemon.ctl_json({"jobs"});
    EXPECT_EQ(jobs.root().elements().front()["kind"].text(), "verify");
    EXPECT_EQ(jobs.root().elements().front()["scheduled"].boolean(), true);
}

TEST(Verification, AKilledDaemonContinuesItsVerificationAndCancelStopsIt) {
    ScheduleFixture fixture(with_verify("[Verify]\nMaxRate = '64 KiB/s'\n"));
    ASSERT_EQ(fixture.daemon.ctl({"backup", "A", "one"}).code, 0);
    auto const first = fixture.daemon.ctl({"verify", "one", "--detach"});
    ASSERT_EQ(first.code, 0) << first.err;
    auto const state_of = [&](std::string const& id) {
        auto const jobs = fixture.daemon.ctl_json({"jobs"});
        for (auto const& job : jobs.root().elements())
            if (std::to_string(job["id"].integer().value_or(0)) + "\n" == id)
                return job["state"].text() + " " + job["phase"].text();
        return std::string();
    };
    ASSERT_TRUE(wait_until([&] { return state_of(first.out) == "running reading"; }, 20s));
    fixture.daemon.kill();
    fixture.daemon.settings.more.replace(fixture.daemon.settings.more.find("64 KiB/s"), 8, "1 GiB/s");
    fixture.daemon.start();
    EXPECT_TRUE(wait_until([&] { return state_of(first.out) == "succeeded finished"; }, 30s)) << state_of(first.out);
    EXPECT_EQ(seen(fixture, "one").level, "content");
    EXPECT_EQ(run({.argv = {"python3", SB_DIGESTS_ORACLE, (fixture.share / "one").string()}}).code, 0);
    EXPECT_FALSE(fs::exists(fixture.share / "one" / ".scale-backup.digests.new"));
}

TEST(Verification, CancelStopsAQueuedAndARunningOne) {
    ScheduleFixture fixture(with_verify("[Verify]\nMaxRate = '64 KiB/s'\n"));
    ASSERT_EQ(fixture.daemon.ctl({"backup", "A", "one"}).code, 0);
    ASSERT_EQ(fixture.daemon.ctl({"backup", "A", "two"}).code, 0);
    auto const ids = fixture.daemon.ctl({"verify", "one", "two", "--detach"}).out;
    auto const second = ids.substr(ids.find('\n') + 1);
    EXPECT_EQ(fixture.daemon.ctl({"cancel", second.substr(0, second.size() - 1)}).code, 0);
    EXPECT_EQ(fixture.daemon.ctl({"cancel", ids.substr(0, ids.find('\n'))}).code, 0);
    EXPECT_EQ(seen(fixture, "two").level, "structure");
    // An export is not delayed by a verification.
    EXPECT_EQ(fixture.daemon.ctl({"backup", "B", "three"}).code, 0);
}

}  // namespace
}  // namespace sb::test
