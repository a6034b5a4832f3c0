// link: what is asked of the daemon, what is shown, and the exit codes.
#include "ctl/render/links.hpp"
#include "ctl/render/pages.hpp"
#include "tests/unit/ctl/fake_daemon.hpp"
#include "tests/unit/ctl/run_at.hpp"

#include <gmock/gmock.h>

namespace sb::ctl {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string const nowhere = "/nowhere";

rpc::LinkInfo link_of(std::string later = "web1", std::string later_uuid = "2222") {
    return {"web1", "1111", std::move(later), std::move(later_uuid), noon, 3, true};
}

rpc::PossibleLinkInfo possible() {
    return {"web1", "1111", "web1", "2222", 3, "VM 'web1' (uuid 1111) is gone, and VM 'web1' (uuid 2222) has its name"};
}

struct LinkAnswer {
    Ran ran;
    std::string params;
};

template <class Method>
LinkAnswer ask(CommandWords const& command, typename Method::Reply const& reply, How how = {}) {
    LinkAnswer asked;
    {
        FakeDaemon daemon({[&](FakePeer& peer) { asked.params = peer.answer<Method>(reply); }});
        asked.ran = run_at(daemon.socket(), command, how);
    }
    return asked;
}

std::string problem_of(CommandWords const& words) {
    auto const parsed = parse_command_line(words, {std::nullopt, nowhere});
    return parsed ? "none" : parsed.error().context;
}

TEST(Link, AsksForTheLinkAndSaysWhatItMeans) {
    auto const [ran, params] = ask<rpc::AddLink>({"link", "1111", "web1"}, {link_of()});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(params, R"({"earlier":"1111","later":"web1"})");
    EXPECT_EQ(ran.out, "VM 'web1' (1111) is continued by VM 'web1' (2222): 3 backups count as its own.\n");
}

TEST(Link, OneBackupIsNotSeveral) {
    auto link = link_of();
    link.backups = 1;
    EXPECT_THAT(link_sentence(link), HasSubstr("1 backup counts as its own."));
}

TEST(Link, SeparateSaysThatNoVmContinuesIt) {
    auto const [ran, params] = ask<rpc::AddLink>({"link", "--separate", "1111"}, {link_of("", "")});
    EXPECT_EQ(params, R"({"earlier":"1111","later":""})");
    EXPECT_EQ(ran.out,
              "VM 'web1' (1111) is not continued by another VM: its 3 backups are kept and deleted by the rules for a "
              "deleted VM.\n");
}

TEST(Link, UndoEndsALink) {
    auto const [ran, params] = ask<rpc::RemoveLink>({"link", "--undo", "web1"}, {link_of()});
    EXPECT_EQ(params, R"({"earlier":"web1"})");
    EXPECT_EQ(ran.out, "The link of VM 'web1' (1111) has ended: its 3 backups are its own again.\n");
}

TEST(Link, ARefusalIsAnErrorWithItsExitCode) {
    FakeDaemon daemon({[](FakePeer& peer) { peer.refuse({Errc::refused, "VM 'web1' still exists\x1b[2J"}); }});
    auto const ran = run_at(daemon.socket(), {"link", "web1", "web2"});
    EXPECT_EQ(ran.code, 4);
    EXPECT_THAT(ran.err, HasSubstr("still exists\\x1b[2J"));
}

TEST(Link, ListsWhatIsLinkedAndOffersWhatMayBe) {
    auto back = link_of("", "3333");
    back.in_effect = false;
    rpc::ListLinks::Reply const reply{{link_of(), back, link_of("", "")}, {possible()}};
    auto const [ran, params] = ask<rpc::ListLinks>({"link"}, reply, How{.width = 200});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_THAT(ran.out, AllOf(HasSubstr("EARLIER VM"), HasSubstr("1111"), HasSubstr("2222"), HasSubstr("none"),
                               HasSubstr("not in effect")));
    EXPECT_THAT(ran.out, AllOf(HasSubstr("has its name.\n"), HasSubstr("scale-backupctl link 1111 2222\n"),
                               HasSubstr("scale-backupctl link --separate 1111\n")));
}

TEST(Link, AnEmptyListSaysSo) {
    auto const ran = ask<rpc::ListLinks>({"link"}, {}).ran;
    EXPECT_EQ(ran.out, "");
    EXPECT_THAT(ran.err, HasSubstr("No VM continues an earlier one"));
}

TEST(Link, PrintsTheValuesAsJson) {
    auto const list = ask<rpc::ListLinks>({"link"}, {{link_of()}, {possible()}}, How{.json = true}).ran;
    auto const document = json::Document::parse(list.out);
    ASSERT_TRUE(document) << list.out;
    EXPECT_EQ(document->root()["links"].at(0)["later_uuid"].text(), "2222");
    EXPECT_EQ(document->root()["possible"].at(0)["earlier_uuid"].text(), "1111");
    auto const added = ask<rpc::AddLink>({"link", "1111", "2222"}, {link_of()}, How{.json = true}).ran;
    EXPECT_THAT(added.out, HasSubstr(R"("earlier_uuid")"));
}

TEST(Link, ANameCannotControlTheTerminal) {
    auto link = link_of();
    link.earlier = "a\x1b[2J\nb";
    EXPECT_THAT(link_sentence(link), AllOf(HasSubstr("a\\x1b[2J\\nb"), Not(HasSubstr("\x1b"))));
    auto offer = possible();
    offer.reason = "a\x1b[2J";
    EXPECT_THAT(links_page({{}, {offer}}, options_of(80)), Not(HasSubstr("\x1b")));
}

/// Anyone who can write into the share chooses the uuid in a manifest, and what is shown is pasted into a shell.
TEST(Link, AUuidOfAManifestIsOneWordOfTheCommandsThatAreOffered) {
    auto offer = possible();
    offer.earlier_uuid = "x;touch${IFS}/tmp/x;#";
    auto text = links_page({{}, {offer}}, options_of(200));
    EXPECT_THAT(text, AllOf(HasSubstr("scale-backupctl link 'x;touch${IFS}/tmp/x;#' 2222\n"),
                            HasSubstr("scale-backupctl link --separate 'x;touch${IFS}/tmp/x;#'\n")));
    offer.earlier_uuid = "--undo";
    text = links_page({{}, {offer}}, options_of(200));
    EXPECT_THAT(text, AllOf(HasSubstr("scale-backupctl link -- --undo 2222\n"),
                            HasSubstr("scale-backupctl link --separate -- --undo\n")));
    offer.later_uuid = "a\nb\x1b[2J";
    text = links_page({{}, {offer}}, options_of(200));
    EXPECT_THAT(text, AllOf(HasSubstr("link -- --undo 'a\\nb\\x1b[2J'\n"), Not(HasSubstr("\x1b"))));
}

TEST(Link, TheListOfBackupsShowsAsWhoseBackupOneCounts) {
    auto backup = backup_of("friday", "web1", "complete");
    backup.continued_by = "2222";
    EXPECT_THAT(backups_page({backup}, options_of(200)),
                HasSubstr("    counts as a backup of VM 2222, which continues its VM\n"));
}

TEST(Link, TakesTwoVmsOrOneWithAnOption) {
    EXPECT_EQ(problem_of({"link"}), "none");
    EXPECT_EQ(problem_of({"link", "a", "b"}), "none");
    EXPECT_THAT(problem_of({"link", "a"}), HasSubstr("missing NEW"));
    EXPECT_THAT(problem_of({"link", "--undo"}), HasSubstr("missing OLD"));
    EXPECT_THAT(problem_of({"link", "--separate", "a", "b"}), HasSubstr("take OLD only"));
    EXPECT_THAT(problem_of({"link", "--separate", "--undo", "a"}), HasSubstr("exclude each other"));
}

}  // namespace
}  // namespace sb::ctl
