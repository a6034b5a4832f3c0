// adopt, on the client's side: one call per folder, and only complete folders are adopted.
#include "ctl/render/pages.hpp"
#include "tests/unit/ctl/fake_daemon.hpp"
#include "tests/unit/ctl/run_at.hpp"
#include "tests/unit/ctl/samples.hpp"

#include <gmock/gmock.h>

namespace sb::ctl {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

rpc::AdoptionInfo folder(std::string name, std::string verdict, bool scheduled = true) {
    rpc::AdoptionInfo info;
    info.name = std::move(name);
    info.vm = "FILE01";
    info.vm_uuid = "u1";
    info.scheduled = scheduled;
    info.started = noon;
    info.size_bytes = 1024;
    info.state = std::move(verdict);
    return info;
}

rpc::PreviewAdoption::Reply preview(std::vector<std::string> const& deletions = {}) {
    rpc::PreviewAdoption::Reply reply;
    reply.scheduled = true;
    for (auto const& name : deletions)
        reply.deletions.push_back({name, "FILE01", "u1", false, "deleted: it is older than MaxAge (30 days)"});
    return reply;
}

/// A daemon with these folders. It records the adoptions, which can be checked after its end.
struct Writes {
    std::vector<std::string> params;
};
FakeDaemon::Script with(std::vector<rpc::AdoptionInfo> folders, rpc::PreviewAdoption::Reply reply, Writes& writes) {
    return [folders, reply, &writes](FakePeer& peer) {
        rpc::ListOldFolders::Reply names;
        for (auto const& info : folders) names.folders.push_back(info.name);
        peer.answer<rpc::ListOldFolders>(names);
        for (auto const& info : folders) peer.answer<rpc::InspectOldFolder>({info});
        peer.answer<rpc::PreviewAdoption>(reply);
        for (auto info : folders) {
            if (info.state != "adoptable") continue;
            info.state = "adopted";
            auto params = peer.answer<rpc::AdoptFolder>({info});
            if (params.empty()) return;
            writes.params.push_back(params);
        }
    };
}

TEST(AdoptCommand, WritesOnlyWhatIsWholeAndProtectsWhatWouldGo) {
    Writes writes;
    {
        FakeDaemon daemon({with({folder("a", "adoptable"), folder("b", "incomplete"), folder("c", "adoptable")},
                                preview({"c"}), writes)});
        auto const ran = run_at(daemon.socket(), {"adopt"});
        EXPECT_EQ(ran.code, 1);  // b
        EXPECT_THAT(ran.out, HasSubstr("2 folders are backups, 2 of them made by a schedule"));
    }
    ASSERT_EQ(writes.params.size(), 2u);
    EXPECT_THAT(writes.params[0], AllOf(HasSubstr("\"a\""), HasSubstr("\"protected\":false")));
    EXPECT_THAT(writes.params[1], AllOf(HasSubstr("\"c\""), HasSubstr("\"protected\":true")));
}

TEST(AdoptCommand, OfADryRunWritesNothing) {
    Writes writes;
    {
        FakeDaemon daemon({with({folder("a", "adoptable")}, preview(), writes)});
        auto const ran = run_at(daemon.socket(), {"adopt", "--dry-run"});
        EXPECT_EQ(ran.code, 0);
        EXPECT_THAT(ran.err, HasSubstr("Nothing was changed"));
        EXPECT_THAT(ran.out, HasSubstr("adoptable"));
    }
    EXPECT_EQ(writes.params.size(), 0u);
}

TEST(AdoptCommand, ProtectsNothingIfAskedTo) {
    Writes writes;
    {
        FakeDaemon daemon({with({folder("a", "adoptable")}, preview({"a"}), writes)});
        EXPECT_EQ(run_at(daemon.socket(), {"adopt", "--no-protect"}).code, 0);
    }
    ASSERT_EQ(writes.params.size(), 1u);
    EXPECT_THAT(writes.params[0], HasSubstr("\"protected\":false"));
}

TEST(AdoptCommand, OneFoldersFailureDoesNotStopTheRest) {
    FakeDaemon daemon({[](FakePeer& peer) {
        peer.refuse({Errc::io, "the disk does not answer"});
        peer.answer<rpc::InspectOldFolder>({folder("b", "adopted")});
        peer.answer<rpc::PreviewAdoption>(preview());
    }});
    auto const ran = run_at(daemon.socket(), {"adopt", "a", "b"});
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.out, AllOf(HasSubstr("the disk does not answer"), HasSubstr("adopted")));
}

TEST(AdoptCommand, OfAFolderThatIsNotThereExits3) {
    FakeDaemon daemon({[](FakePeer& peer) {
        peer.answer<rpc::InspectOldFolder>({folder("a", "not_found")});
        peer.answer<rpc::PreviewAdoption>(preview());
    }});
    EXPECT_EQ(run_at(daemon.socket(), {"adopt", "a", "a"}).code, 3);  // named twice, requested once
}

TEST(AdoptCommand, ReportsThatThereIsNothingToDo) {
    Writes writes;
    FakeDaemon daemon({with({}, preview(), writes)});
    auto const ran = run_at(daemon.socket(), {"adopt"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_THAT(ran.err, HasSubstr("nothing to adopt"));
}

TEST(AdoptCommand, CountsTheFoldersInALineThatVanishes) {
    Writes writes;
    FakeDaemon daemon({with({folder("a", "adopted")}, preview(), writes)});
    auto const ran = run_at(daemon.socket(), {"adopt", "--dry-run"}, {.terminal = true});
    EXPECT_THAT(ran.err, HasSubstr("\rInspecting 1 of 1: a\x1b[K\r\x1b[J"));
}

TEST(AdoptionPage, LetsNoNamePlayWithTheTerminalAndFits) {
    auto hostile = folder("a\x1b[2J\nb", "damaged");
    hostile.reason = "its disk \x1b]0;x\x07 is bad";
    hostile.notes = {
        "a note that is much longer than any terminal is wide, so it goes on below, and on, and on, and on"};
    for (auto const width : {40u, 80u, 200u}) {
        auto const page = adoption_page({hostile}, options_of(width));
        EXPECT_THAT(page, AllOf(Not(HasSubstr("\x1b")), Not(HasSubstr("\x07"))));
        for (auto const& sentence : preview_sentences({hostile}, preview({"x\x1b"}), true, options_of(width)))
            EXPECT_THAT(sentence, Not(HasSubstr("\x1b")));
    }
}

TEST(AdoptionPreview, ShowsWhatTheRulesWouldDeleteAndWhichVmsAreMissing) {
    auto reply = preview({"old"});
    reply.missing_vms = {"DB02"};
    reply.queue = {{"FILE01", "u1", noon, 60, "it is not due until tomorrow"}};
    std::string said;
    for (auto const& sentence : preview_sentences({folder("old", "adoptable")}, reply, true, options_of(80)))
        said += sentence + "\n";
    EXPECT_THAT(said, AllOf(HasSubstr("did not report to this daemon"), HasSubstr("scale-backupctl accept NAME"),
                            HasSubstr("would delete 1 backup at the next clean-up"), HasSubstr("protected"),
                            HasSubstr("MaxAge (30 days)"), HasSubstr("DB02"), HasSubstr("FILE01: last backup"),
                            HasSubstr("not due until tomorrow")));
    reply = {};
    reply.cluster_error = "nobody answers";
    said.clear();
    for (auto const& sentence : preview_sentences({folder("old", "adoptable")}, reply, true, options_of(80)))
        said += sentence + "\n";
    EXPECT_THAT(said,
                AllOf(HasSubstr("no [Schedule]"), HasSubstr("would delete nothing"), HasSubstr("nobody answers")));
}

}  // namespace
}  // namespace sb::ctl
