#include "simulator/tests/unit/server_fixture.hpp"

namespace sb::sim {
namespace {

using test::ServerTest;
using testing::HasSubstr;

TEST_F(ServerTest, AcceptsBasicAndCookieAndNothingElse) {
    EXPECT_EQ(call("GET", "/VirDomain").status, 200);
    EXPECT_EQ(call("GET", "/VirDomain", "", "").status, 401);
    EXPECT_EQ(call("GET", "/VirDomain", "", "Basic YWRtaW46bm8=").status, 401);
    EXPECT_EQ(call("POST", "/login", R"({"username":"admin","password":"no"})", "").status, 401);
    auto const login = call("POST", "/login", R"({"username":"admin","password":"admin","useOIDC":false})", "");
    auto const cookie = "other=1; sessionID=" + field(login, "sessionID");
    EXPECT_THAT(login.headers.at(0).second, HasSubstr("sessionID=" + field(login, "sessionID") + "; Path=/"));
    EXPECT_EQ(call("GET", "/VirDomain", "", "", cookie).status, 200);
    EXPECT_EQ(call("POST", "/logout", "", "", cookie).status, 200);
    EXPECT_EQ(call("GET", "/VirDomain", "", "", cookie).status, 401);
}

TEST_F(ServerTest, ReturnsForbiddenToAUserWithoutThePermission) {
    auto const reader = "Basic cmVhZGVyOnI=";
    EXPECT_EQ(call("GET", "/VirDomain", "", reader).status, 200);
    auto const refused =
        call("POST", "/VirDomain/" + vm().uuid + "/export", R"({"target":{"pathURI":"smb://a/b/c"}})", reader);
    EXPECT_EQ(refused.status, 403);
}

TEST_F(ServerTest, UnknownObjectsAreEmptyListsAndUnknownPathsAreHtml) {
    EXPECT_EQ(call("GET", "/VirDomain/nobody").body, "[]");
    EXPECT_EQ(call("GET", "/TaskTag/99999").body, "[]");
    auto const missing = call("GET", "/Nonsense");
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(missing.content_type, "text/html");
    EXPECT_EQ(call("PATCH", "/VirDomainSnapshot/x", "{}").status, 405);
    EXPECT_EQ(call("GET", "/VirDomainSnapshot?virDomainUUID=x").status, 400);
    EXPECT_EQ(call("PATCH", "/VirDomain/" + vm().uuid).status, 400);
}

TEST_F(ServerTest, StopIsFineForAVmThatIsOffAndShutdownHasNoTask) {
    auto const act = [this](char const* action) {
        return call(
            "POST", "/VirDomain/action",
            R"([{"virDomainUUID":")" + vm().uuid + R"(","actionType":")" + action + R"(","cause":"INTERNAL"}])");
    };
    auto const shutdown = act("SHUTDOWN");
    EXPECT_EQ(shutdown.status, 200);
    EXPECT_EQ(field(shutdown, "taskTag"), "");
    EXPECT_EQ(vm().state, "SHUTDOWN");
    pass(1000);
    EXPECT_EQ(vm().state, "SHUTOFF");
    EXPECT_EQ(act("SHUTDOWN").status, 500);
    EXPECT_EQ(act("RESET").status, 500);
    auto const tag = field(act("STOP"), "taskTag");
    EXPECT_EQ(task_state(tag), "RUNNING");
    pass(200);
    EXPECT_EQ(task_state(tag), "COMPLETE");
}

TEST_F(ServerTest, ExportReadsTheDiskAsItWasAtTheStart) {
    auto const uri = R"({"target":{"pathURI":"smb://D;u:p%24@host/share/a%20b","definitionFileName":"x.xml"}})";
    auto const tag = field(call("POST", "/VirDomain/" + vm().uuid + "/export", uri), "taskTag");
    auto const spec = std::get<ExportSpec>(transfers.specs.at(0));
    EXPECT_EQ(spec.place.definition_file, "x.xml");
    ASSERT_EQ(spec.disks.size(), 1U);
    auto const before = std::filesystem::file_size(spec.disks[0].raw_file);
    sim.remove_vm(vm().uuid);
    EXPECT_EQ(std::filesystem::file_size(spec.disks[0].raw_file), before) << "deleting a VM does not end its export";
    transfers.say[0](Done{});
    EXPECT_EQ(task_state(tag), "COMPLETE");
    EXPECT_FALSE(std::filesystem::exists(spec.disks[0].raw_file));
}

TEST_F(ServerTest, ExportsAndImportsCanStayQueuedUntilAControlCallReleasesThem) {
    fault(R"([{"kind":"task_queued","match":{"call":"export","count":1}},
              {"kind":"task_queued","match":{"call":"import","count":1}}])");
    auto const target = R"({"target":{"pathURI":"smb://u:p@h/s/f"}})";
    auto const source = R"({"source":{"pathURI":"smb://u:p@h/s/f"}})";
    auto const exported = field(call("POST", "/VirDomain/" + vm().uuid + "/export", target), "taskTag");
    auto const imported = field(call("POST", "/VirDomain/import", source), "taskTag");
    auto const later = field(call("POST", "/VirDomain/" + vm().uuid + "/export", target), "taskTag");
    EXPECT_EQ(task_state(exported), "QUEUED");
    EXPECT_EQ(shown(call("GET", "/TaskTag/" + imported), "state"), "QUEUED");
    EXPECT_EQ(task_state(later), "RUNNING") << "limited by count";
    EXPECT_THAT(visit("GET", "/sim/stats").body, HasSubstr(R"("held":2)"));

    EXPECT_EQ(visit("POST", "/sim/tasks/" + later + "/release").status, 400);
    EXPECT_EQ(visit("POST", "/sim/tasks/" + exported + "/release").body, "[\"" + exported + "\"]");
    EXPECT_EQ(task_state(exported), "RUNNING");
    EXPECT_EQ(task_state(imported), "QUEUED");
    EXPECT_EQ(visit("POST", "/sim/tasks/release").body, "[\"" + imported + "\"]");
    EXPECT_EQ(task_state(imported), "RUNNING");
    EXPECT_EQ(visit("POST", "/sim/tasks/release").body, "[]");
}

TEST_F(ServerTest, GuestWritesDoNotReachAFrozenDisk) {
    auto const uuid = vm().devices[0].uuid;
    ASSERT_TRUE(sim.disks.freeze(uuid, "before"));
    ASSERT_TRUE(sim.mutate(vm(), 0.1));
    EXPECT_FALSE(std::filesystem::equivalent(sim.disks.disk(uuid), sim.disks.frozen("before", uuid)));
    EXPECT_EQ(std::filesystem::hard_link_count(sim.disks.frozen("before", uuid)), 1U);
}

TEST_F(ServerTest, ImportShowsTheVmOnlyWhenItsDisksAreComplete) {
    auto const reply = call("POST", "/VirDomain/import",
                            R"({"source":{"pathURI":"smb://u:p@h/s/f"},"template":{"name":"back",)"
                            R"("cloudInitData":{"userData":"eA==","metaData":""}}})");
    auto const uuid = field(reply, "createdUUID");
    ASSERT_FALSE(uuid.empty());
    EXPECT_EQ(sim.world.vm(uuid), nullptr);
    auto const raw = std::get<ImportSpec>(transfers.specs.at(0)).target_dir + "/disk-0.raw";
    std::filesystem::copy_file(sim.disks.disk(vm().devices[0].uuid), raw);
    VmDefinition definition;
    definition.tags = {"b", "a"};
    definition.disks = {{"IDE_CDROM", "", "NONE", 1}, {"VIRTIO_DISK", "x", "NONE", 2}};
    Done done;
    done.definition = definition;
    done.files = {{"x.qcow2", raw, 10, 1 << 20}};
    transfers.say[0](done);
    auto const* restored = sim.world.vm(uuid);
    ASSERT_NE(restored, nullptr);
    EXPECT_EQ(restored->name, "back");
    EXPECT_EQ(restored->tags, "b,a");
    EXPECT_EQ(restored->state, "SHUTOFF");
    EXPECT_EQ(restored->devices.size(), 3U) << "an additional CD-ROM for cloud-init";
    EXPECT_EQ(restored->boot_devices.size(), 2U);
}

TEST_F(ServerTest, ARetainedSnapshotDeletesItself) {
    auto const reply =
        call("POST", "/VirDomainSnapshot",
             R"({"domainUUID":")" + vm().uuid + R"(","localRetainUntilTimestamp":1060,"replication":false})");
    auto const uuid = field(reply, "createdUUID");
    EXPECT_NE(sim.world.snapshot(uuid), nullptr);
    pass(60000);
    EXPECT_EQ(sim.world.snapshot(uuid), nullptr);
}

TEST_F(ServerTest, AResponseCanBeLostAfterTheExportStarted) {
    auto const document = json::Document::parse(R"({"kind":"lose_answer","match":{"call":"export"}})");
    ASSERT_TRUE(sim.faults.add(document->root()));
    Request request;
    request.method = "POST";
    read_target(request, "/rest/v1/VirDomain/" + vm().uuid + "/export");
    request.authorization = "Basic YWRtaW46YWRtaW4=";
    request.body = R"({"target":{"pathURI":"smb://u:p@h/s/f"}})";
    auto const delivery = server.serve(request, server.judge(request));
    EXPECT_EQ(delivery.mode, DeliveryMode::closed);
    EXPECT_EQ(sim.desk.running(), 1U);
}

TEST_F(ServerTest, ABadShareCanFailThePostItself) {
    sim.behaviour.smb_errors_fail_post = true;
    Request request;
    request.method = "POST";
    read_target(request, "/rest/v1/VirDomain/" + vm().uuid + "/export");
    request.authorization = "Basic YWRtaW46YWRtaW4=";
    request.body = R"({"target":{"pathURI":"smb://u:p@h/s/f"}})";
    auto const delivery = server.serve(request, {});
    ASSERT_NE(delivery.later, nullptr);
    transfers.say[0](Failed{"NT_STATUS_LOGON_FAILURE", {}, ""});
    EXPECT_EQ(delivery.later->response->status, 500);
    EXPECT_THAT(delivery.later->response->body, HasSubstr("LOGON_FAILURE"));
}

}  // namespace
}  // namespace sb::sim
