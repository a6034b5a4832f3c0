#include "simulator/app/program.hpp"

#include "simulator/app/scenario.hpp"
#include "simulator/net/node_front.hpp"
#include "simulator/net/worker_processes.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <spdlog/spdlog.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <vector>

namespace sb::sim {
namespace {

using Tcp = asio::ip::tcp;

std::int64_t unix_now() {
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

SteadyTime steady_now() { return std::chrono::time_point_cast<Milliseconds>(std::chrono::steady_clock::now()); }

/// A folder that is removed at exit, unless the user specified it.
class DataFolder {
public:
    explicit DataFolder(std::string const& named) : path_(named), temporary_(named.empty()) {
        if (!temporary_) return;
        std::string pattern = (std::filesystem::temp_directory_path() / "hypercore-sim.XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("cannot create a temporary folder");
        path_ = pattern;
    }
    DataFolder(DataFolder const&) = delete;
    DataFolder& operator=(DataFolder const&) = delete;
    ~DataFolder() {
        std::error_code ignored;
        if (temporary_) std::filesystem::remove_all(path_, ignored);
    }
    std::filesystem::path const& path() const { return path_; }

private:
    std::filesystem::path path_;
    bool temporary_;
};

/// Runs the timeline's events on the event loop.
class TimelineDriver {
public:
    TimelineDriver(asio::io_context& io, Timeline& timeline) : timer_(io), timeline_(timeline) {
        timeline_.on_change([this] { arm(); });
    }

private:
    void arm() {
        auto const next = timeline_.next();
        if (!next) return;
        timer_.expires_at(std::chrono::steady_clock::time_point(next->time_since_epoch()));
        timer_.async_wait([this](boost::system::error_code error) {
            if (error) return;  // another time was set
            timeline_.run_due();
            arm();
        });
    }

    asio::steady_timer timer_;
    Timeline& timeline_;
};

Result<void> populate(Simulator& sim, Options const& options) {
    auto population = options.population;
    population.now = sim.now();
    add_infrastructure(sim.world, population);
    bool own_vms = false;
    if (!options.scenario.empty()) {
        auto const has = scenario_has_vms(options.scenario);
        if (!has) return has.error();
        own_vms = *has;
    }
    if (!own_vms) add_vms(sim.world, population);
    for (auto const& vm : sim.world.vms) {
        if (auto made = sim.make_disk_files(vm, options.fill_percent); !made) return made;
        Task started;  // a cluster that has run for a while has a last task for every VM
        started.kind = "action";
        started.description = "Start Virtual Machine %@";
        started.parameters = {vm.name};
        started.object_uuid = vm.uuid;
        auto const tag = sim.tasks.enter(std::move(started));
        sim.tasks.complete(tag);
    }
    if (!options.scenario.empty())
        if (auto applied = apply_scenario(sim, options, options.scenario); !applied) return applied;
    if (!options.cluster_uuid.empty()) sim.world.cluster.uuid = options.cluster_uuid;
    if (!options.cluster_name.empty()) sim.world.cluster.name = options.cluster_name;
    return {};
}

int give_up(Error const& error) {
    std::fprintf(stderr, "hypercore-sim: %s\n", error.context.c_str());
    return 2;
}

/// "hang,refuse" -> {"hang", "refuse"}
std::vector<std::string> text_of(std::string const& text) {
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, ',');) parts.push_back(part);
    return parts;
}

std::string shown(Tcp::endpoint const& endpoint) {
    auto const address = endpoint.address().to_string();
    return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(endpoint.port());
}

}  // namespace

int run_simulator(Options const& options, std::string const& program) {
    spdlog::set_level(options.quiet ? spdlog::level::err : spdlog::level::info);
    std::signal(SIGPIPE, SIG_IGN);
    DataFolder const data(options.data_dir);
    asio::io_context io{1};

    std::int64_t clock_shift = 0;
    auto const clock = [&clock_shift] { return unix_now() + clock_shift; };
    WorkerProcesses workers(io.get_executor(), program);
    Simulator sim{World(options.seed),
                  Timeline(steady_now, options.time_scale),
                  TaskBoard(clock, options.first_tag, options.keep_tasks),
                  DiskStore(data.path(), options.seed),
                  FaultPlan{},
                  TransferDesk(workers, sim.tasks, options.max_transfers),
                  options.behaviour,
                  options.transfer,
                  Stats{},
                  {},
                  clock};
    sim.shift_clock = [&clock_shift](std::int64_t seconds) { clock_shift = seconds; };
    TimelineDriver const driver(io, sim.timeline);
    if (auto populated = populate(sim, options); !populated) return give_up(populated.error());
    Server server(sim);

    boost::system::error_code error;
    auto const address = asio::ip::make_address(options.address, error);
    if (error) return give_up({Errc::invalid_params, "--listen " + options.address + ": " + error.message()});
    std::vector<std::unique_ptr<NodeFront>> nodes;
    for (int number = 0; number <= options.addresses; ++number) {
        // The certificate on the command line belongs to the first node.
        nodes.push_back(std::make_unique<NodeFront>(io.get_executor(), number, number == 1 ? options.tls : TlsFiles()));
        auto const opened = nodes.back()->open({address, number == 1 ? options.port : std::uint16_t{0}});
        if (!opened) return give_up(opened.error());
        asio::co_spawn(io, nodes.back()->serve(server, options.limits), asio::detached);
    }
    sim.trouble_node = [&](int number, Fault const& fault) {
        auto& node = *nodes.at(static_cast<std::size_t>(number));
        if (fault.kind == "new_certificate") asio::co_spawn(io, node.change_certificate(fault.seconds), asio::detached);
        else asio::co_spawn(io, node.go_away(text_of(fault.text), fault.seconds), asio::detached);
    };

    asio::signal_set signals(io, SIGTERM, SIGINT);
    signals.async_wait([&io](auto, int) { io.stop(); });
    std::printf("fingerprint %s\n", nodes[1]->fingerprint().c_str());
    std::printf("data %s\n", data.path().c_str());
    for (std::size_t i = 2; i < nodes.size(); ++i)
        std::printf("node %zu %s https://%s\n", i, nodes[i]->fingerprint().c_str(),
                    shown(nodes[i]->endpoint()).c_str());
    std::printf("control https://%s\n", shown(nodes[0]->endpoint()).c_str());
    std::printf("listening on https://%s\n", shown(nodes[1]->endpoint()).c_str());
    std::fflush(stdout);
    io.run();
    return 0;
}

}  // namespace sb::sim
