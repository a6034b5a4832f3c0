#pragma once
// A cluster in memory, with its server: no sockets, no child processes, a clock that the test moves.

#include "simulator/api/server.hpp"

#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace sb::sim::test {

class RecordedTransfers : public Transfers {
public:
    std::uint64_t start(WorkerSpec spec, OnMessage on_message) override {
        specs.push_back(std::move(spec));
        say.push_back(std::move(on_message));
        return say.size();
    }
    void kill(std::uint64_t) override {}

    std::vector<WorkerSpec> specs;
    std::vector<OnMessage> say;
};

struct Folder {
    Folder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "sim-test.XXXXXX").string();
        path = ::mkdtemp(pattern.data());
    }
    ~Folder() { std::filesystem::remove_all(path); }
    std::filesystem::path path;
};

/// A cluster with two VMs and a read-only user, on a manual clock.
class ServerTest : public testing::Test {
protected:
    ServerTest() {
        Population population;
        population.vms = 2;
        population.disk_size = 1 << 20;
        add_infrastructure(sim.world, population);
        add_vms(sim.world, population);
        for (auto const& vm : sim.world.vms) EXPECT_TRUE(sim.make_disk_files(vm, 50));
        sim.world.users.push_back(
            {.uuid = "r", .username = "reader", .password = "r", .role_uuids = {sim.world.roles.back().uuid}});
    }

    Response call(std::string method, std::string const& target, std::string body = "",
                  std::string auth = "Basic YWRtaW46YWRtaW4=", std::string cookie = "") {
        return visit(std::move(method), "/rest/v1" + target, std::move(body), std::move(auth), std::move(cookie));
    }
    /// Any path: a control call or a page of the front server.
    Response visit(std::string method, std::string target, std::string body = "", std::string auth = "",
                   std::string cookie = "") {
        Request request;
        request.method = std::move(method);
        read_target(request, std::move(target));
        request.authorization = std::move(auth);
        request.cookie = std::move(cookie);
        request.body = std::move(body);
        auto delivery = server.serve(request, server.judge(request));
        return delivery.response;
    }
    std::string field(Response const& response, char const* name) {
        auto const document = json::Document::parse(response.body);
        return document ? document->root()[name].text() : "";
    }
    /// The member of the only element of a list.
    std::string shown(Response const& response, char const* name) {
        auto const document = json::Document::parse(response.body);
        return document ? document->root().at(0)[name].text() : "";
    }
    /// "" if the response does not have it.
    static std::string header(Response const& response, std::string_view wanted) {
        for (auto const& [name, value] : response.headers)
            if (name == wanted) return value;
        return "";
    }
    void fault(std::string_view text) {
        auto const document = json::Document::parse(text);
        ASSERT_TRUE(document && sim.faults.add(document->root())) << text;
    }
    std::string task_state(std::string const& tag) {
        auto const* task = sim.tasks.find(tag);
        return task ? std::string(name_of(task->state)) : "";
    }
    void pass(int ms) {
        now += Milliseconds(ms);
        sim.timeline.run_due();
    }
    Vm& vm() { return sim.world.vms.front(); }

    Folder folder;
    SteadyTime now{};
    std::int64_t unix_seconds = 1000;
    RecordedTransfers transfers;
    Simulator sim{World(1),
                  Timeline([this] { return now; }),
                  TaskBoard([this] { return unix_seconds; }, 10, 0),
                  DiskStore(folder.path, 1),
                  FaultPlan{},
                  TransferDesk(transfers, sim.tasks, 3),
                  Behaviour{},
                  TransferSettings{},
                  Stats{},
                  {},
                  [this] { return unix_seconds; }};
    Server server{sim};
};

}  // namespace sb::sim::test
