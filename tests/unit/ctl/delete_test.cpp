// delete, undelete, accept and show-backups --deleted: what is asked of the daemon, what is shown, and the exit codes.
// The question on a terminal is tested with the real programs: tests/e2e/deleting_test.cpp.
#include "tests/unit/ctl/fake_daemon.hpp"
#include "tests/unit/ctl/run_at.hpp"

#include <gmock/gmock.h>

namespace sb::ctl {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

How const as_json{.json = true};
auto const tomorrow = noon + std::chrono::hours{24};

rpc::DeleteBackup::Reply deleted(std::string name, std::optional<UtcTime> can_undelete = tomorrow) {
    return {std::move(name), 1ULL << 30, can_undelete, ""};
}

struct Answered {
    Ran ran;
    std::vector<std::string> params;  ///< of the calls that the script noted
};

/// One command against a daemon that has ended when this returns.
Answered ask(CommandWords const& command, std::function<void(FakePeer&, std::vector<std::string>&)> script,
             How how = {}) {
    Answered asked;
    {
        FakeDaemon daemon({[&](FakePeer& peer) { script(peer, asked.params); }});
        asked.ran = run_at(daemon.socket(), command, how);
    }
    return asked;
}

Answered ask_to_delete(CommandWords const& command, std::vector<rpc::DeleteBackup::Reply> const& replies) {
    return ask(command, [&](FakePeer& peer, std::vector<std::string>& params) {
        for (auto const& reply : replies) params.push_back(peer.answer<rpc::DeleteBackup>(reply));
    });
}

rpc::BackupInfo of_cluster(std::string name, std::string cluster) {
    auto backup = backup_of(std::move(name), "FILE01", "complete");
    backup.cluster = std::move(cluster);
    backup.cluster_uuid = "22222222-2222-4222-8222-222222222222";
    backup.cluster_host = "10.0.0.9";
    backup.other_cluster = true;
    return backup;
}

std::vector<rpc::BackupInfo> of_two_clusters() {
    auto ours = of_cluster("ours", "hc-1");
    ours.cluster_uuid = "11111111-1111-4111-8111-111111111111";
    ours.cluster_host = "10.0.0.1";
    ours.other_cluster = false;
    return {ours, of_cluster("a", "hc-2"), of_cluster("b", "HC-2")};
}

TEST(Delete, SaysUntilWhenTheBackupCanBeTakenBack) {
    auto const [ran, params] = ask_to_delete({"delete", "friday"}, {deleted("friday")});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_THAT(params, ElementsAre(R"({"backup":"friday","confirmed":false,"immediately":false,"cluster":""})"));
    EXPECT_EQ(ran.out, "'friday' was deleted. 'undelete' takes it back until 2026-11-24 13:00.\n");
}

TEST(Delete, PassesOnThatItIsConfirmedAndForGood) {
    auto const [ran, params] = ask_to_delete({"delete", "friday", "--now", "--yes"}, {deleted("friday", std::nullopt)});
    EXPECT_THAT(params, ElementsAre(R"({"backup":"friday","confirmed":true,"immediately":true,"cluster":""})"));
    EXPECT_EQ(ran.out, "'friday' was deleted.\n");
}

TEST(Delete, AnErrorOfOneBackupDoesNotStopTheOthers) {
    FakeDaemon daemon({[](FakePeer& peer) {
        peer.refuse({Errc::refused, "it is protected\x1b[2J"});
        peer.answer<rpc::DeleteBackup>(deleted("b"));
    }});
    auto const ran = run_at(daemon.socket(), {"delete", "a", "b"}, as_json);
    EXPECT_EQ(ran.code, 4);
    EXPECT_THAT(ran.err, HasSubstr("a: it is protected\\x1b[2J\n"));
    auto const document = json::Document::parse(ran.out);
    ASSERT_TRUE(document) << ran.out;
    EXPECT_EQ(document->root()["deleted"].at(0).text(), "b");
    EXPECT_EQ(document->root()["problems"].size(), 1u);
}

TEST(Delete, WhatCouldNotBeRemovedIsAProblem) {
    auto reply = deleted("friday", std::nullopt);
    reply.problem = "disk 1 could not be removed from the trash";
    auto const ran = ask_to_delete({"delete", "friday", "--now"}, {reply}).ran;
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.err, HasSubstr("disk 1 could not be removed"));
}

TEST(Delete, NeedsANameOrACluster) {
    auto const parsed = parse_command_line({"delete"}, {std::nullopt, "/nowhere"});
    ASSERT_FALSE(parsed);
    EXPECT_EQ(parsed.error().code, Errc::invalid_params);
    EXPECT_THAT(parsed.error().context, HasSubstr("missing NAME"));
    EXPECT_TRUE(parse_command_line({"delete", "--cluster", "hc-2"}, {std::nullopt, "/nowhere"}));
}

TEST(DeleteCluster, ShowsCountAndSizeAndDeletesNothingWithoutAConfirmation) {
    FakeDaemon daemon({[](FakePeer& peer) { peer.answer<rpc::ListBackups>({of_two_clusters()}); }});
    auto const ran = run_at(daemon.socket(), {"delete", "--cluster", "hc-2"});
    EXPECT_EQ(ran.code, 4);
    EXPECT_THAT(ran.err, AllOf(HasSubstr("2 backups of the cluster 'hc-2', 3 GiB in total."), HasSubstr("--yes")));
}

TEST(DeleteCluster, DeletesThatClustersBackupsAndNoOther) {
    auto const script = [](FakePeer& peer, std::vector<std::string>& params) {
        peer.answer<rpc::ListBackups>({of_two_clusters()});
        for (auto const* name : {"a", "b"}) params.push_back(peer.answer<rpc::DeleteBackup>(deleted(name)));
    };
    auto const [ran, params] = ask({"delete", "--cluster", "hc-2", "--yes"}, script);
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_THAT(params, ElementsAre(R"({"backup":"a","confirmed":true,"immediately":false,"cluster":"hc-2"})",
                                    R"({"backup":"b","confirmed":true,"immediately":false,"cluster":"hc-2"})"));
}

TEST(DeleteCluster, TakesUuidAndHostAndOnlyTheNamedBackups) {
    auto const script = [](FakePeer& peer, std::vector<std::string>& params) {
        peer.answer<rpc::ListBackups>({of_two_clusters()});
        params.push_back(peer.answer<rpc::DeleteBackup>(deleted("b")));
    };
    for (auto const* cluster : {"22222222-2222-4222-8222-222222222222", "10.0.0.9"}) {
        auto const [ran, params] = ask({"delete", "b", "--cluster", cluster, "--yes"}, script);
        EXPECT_EQ(ran.code, 0) << ran.err;
        EXPECT_THAT(params, ElementsAre(HasSubstr(R"("backup":"b")")));
    }
}

TEST(DeleteCluster, RefusesTheConfiguredClusterAndNamesTheOthersForAnUnknownOne) {
    auto const list = [](FakePeer& peer) { peer.answer<rpc::ListBackups>({of_two_clusters()}); };
    FakeDaemon daemon({list, list, list});
    auto ran = run_at(daemon.socket(), {"delete", "--cluster", "hc-1", "--yes"});
    EXPECT_EQ(ran.code, 4);
    EXPECT_THAT(ran.err, HasSubstr("is the configured cluster"));
    ran = run_at(daemon.socket(), {"delete", "--cluster", "hc-3", "--yes"});
    EXPECT_EQ(ran.code, 3);
    EXPECT_THAT(ran.err, HasSubstr("there are some of: HC-2, hc-2"));
    ran = run_at(daemon.socket(), {"delete", "ours", "--cluster", "hc-2", "--yes"});
    EXPECT_EQ(ran.code, 3);
    EXPECT_THAT(ran.err, HasSubstr("has no backup named 'ours'"));
}

TEST(DeleteCluster, TakesNoBackupThatMayBeOfTheConfiguredCluster) {
    auto uncertain = of_cluster("c", "hc-2");
    uncertain.cluster_uncertain = true;
    auto others = of_two_clusters();
    others.push_back(uncertain);
    auto const script = [&](FakePeer& peer, std::vector<std::string>& params) {
        peer.answer<rpc::ListBackups>({others});
        for (auto const* name : {"a", "b"}) params.push_back(peer.answer<rpc::DeleteBackup>(deleted(name)));
    };
    EXPECT_EQ(ask({"delete", "--cluster", "hc-2", "--yes"}, script).params.size(), 2u);

    FakeDaemon daemon({[&](FakePeer& peer) { peer.answer<rpc::ListBackups>({{uncertain}}); }});
    auto const ran = run_at(daemon.socket(), {"delete", "--cluster", "hc-2", "--yes"});
    EXPECT_EQ(ran.code, 4);
    EXPECT_THAT(ran.err, HasSubstr("1 backup may be of 'hc-2', or of the configured cluster"));
}

TEST(Undelete, SaysThatTheBackupIsProtected) {
    rpc::UndeleteBackup::Reply reply{backup_of("friday", "FILE01", "complete")};
    auto const script = [&](FakePeer& peer, std::vector<std::string>& params) {
        params.push_back(peer.answer<rpc::UndeleteBackup>(reply));
    };
    auto const [ran, params] = ask({"undelete", "friday"}, script);
    EXPECT_EQ(ran.code, 0);
    EXPECT_THAT(params, ElementsAre(R"({"backup":"friday"})"));
    EXPECT_EQ(ran.out, "'friday' is back, and protected: no clean-up deletes it.\n");
}

TEST(Accept, SaysThatTheBackupCounts) {
    rpc::AcceptBackup::Reply reply{backup_of("friday", "FILE01", "complete")};
    auto const script = [&](FakePeer& peer, std::vector<std::string>& params) {
        params.push_back(peer.answer<rpc::AcceptBackup>(reply));
    };
    auto const [ran, params] = ask({"accept", "friday"}, script, as_json);
    EXPECT_EQ(ran.code, 0);
    EXPECT_THAT(params, ElementsAre(R"({"backup":"friday"})"));
    EXPECT_EQ(json::Document::parse(ran.out)->root()["name"].text(), "friday");
}

TEST(ShowBackups, ListsTheDeletedOnesAndSaysWhenThereAreNone) {
    rpc::DeletedInfo friday;
    friday.name = "friday";
    friday.deleted = noon;
    friday.expires = tomorrow;
    auto const list = [friday](FakePeer& peer) { peer.answer<rpc::ListDeletedBackups>({{friday}}); };
    FakeDaemon daemon({list, list, [](FakePeer& peer) { peer.answer<rpc::ListDeletedBackups>({{}}); }});
    EXPECT_THAT(run_at(daemon.socket(), {"show-backups", "--deleted"}).out, HasSubstr("friday"));
    auto const document = json::Document::parse(run_at(daemon.socket(), {"show-backups", "--deleted"}, as_json).out);
    EXPECT_EQ(parse_rfc3339(document->root().at(0)["expires"].text()).value(), tomorrow);
    auto const none = run_at(daemon.socket(), {"show-backups", "--deleted"});
    EXPECT_EQ(none.code, 0);
    EXPECT_EQ(none.out, "");
    EXPECT_THAT(none.err, HasSubstr("No deleted backup"));
}

TEST(DeleteCommands, ReportAnUnreachableDaemonAndItsRefusals) {
    std::vector<CommandWords> const all{
        {"delete", "x"}, {"undelete", "x"}, {"accept", "x"}, {"show-backups", "--deleted"}};
    for (auto const& command : all) {
        FakeDaemon daemon({[](FakePeer& peer) { peer.refuse({Errc::not_permitted, "you may not"}); }});
        EXPECT_EQ(run_at(daemon.socket() + ".absent", command).code, 5);
        auto const ran = run_at(daemon.socket(), command);
        EXPECT_EQ(ran.code, 6);
        EXPECT_EQ(ran.err, "scale-backupctl: you may not\n");
        EXPECT_THAT(ran.out, Not(HasSubstr("deleted")));
    }
}

TEST(DeleteCommands, AMessageOfSeveralLinesIsShownAsLinesNoneOfWhichLooksLikeOneOfTheProgram) {
    FakeDaemon daemon({[](FakePeer& peer) {
        peer.refuse({Errc::refused, "2 VMs have this name:\n  uuid-1\nscale-backupctl: \x1b[2Jall is well"});
    }});
    auto const ran = run_at(daemon.socket(), {"delete", "x"});
    EXPECT_EQ(ran.err, "scale-backupctl: 2 VMs have this name:\n  uuid-1\n  scale-backupctl: \\x1b[2Jall is well\n");
}

TEST(Accept, SaysSoIfTheBackupIsOfAnotherClusterAndThereforeStillDoesNotCount) {
    auto backup = of_cluster("a", "hc-2");
    auto const answer = [&] {
        auto const script = [&](FakePeer& peer, std::vector<std::string>&) {
            rpc::AcceptBackup::Reply reply;
            reply.backup = backup;
            peer.answer<rpc::AcceptBackup>(reply);
        };
        return ask({"accept", "a"}, script).ran.out;
    };
    EXPECT_EQ(answer(), "'a' is accepted: it is of another cluster, so no rule counts it.\n");
    backup.cluster_uncertain = true;
    EXPECT_EQ(answer(), "'a' is accepted: it may be of another cluster, so no rule counts it.\n");
    backup.other_cluster = backup.cluster_uncertain = false;
    EXPECT_EQ(answer(), "'a' is accepted: it counts as a backup of its VM.\n");
}

}  // namespace
}  // namespace sb::ctl
