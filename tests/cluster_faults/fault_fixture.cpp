#include "tests/cluster_faults/fault_fixture.hpp"

#include "tests/e2e/fixture.hpp"

#include <algorithm>
#include <stdexcept>

namespace sb::test {
namespace fs = std::filesystem;
namespace {

constexpr auto scenario = R"({"vms": [
    {"name": "VM-A", "disks": [{"size": "1M", "fill": 40}, {"size": "512K", "fill": 40}]},
    {"name": "VM-B", "disks": [{"size": "1M", "fill": 40}, {"size": "512K", "fill": 40}]},
    {"name": "VM-C", "disks": [{"size": "1M", "fill": 40}, {"size": "512K", "fill": 40}]},
    {"name": "VM-D", "disks": [{"size": "1M", "fill": 40}, {"size": "512K", "fill": 40}]}]})";

Simulator::Settings with(fs::path const& dir, std::vector<std::string> options) {
    fs::create_directory(dir / "share");
    write_file(dir / "scenario.json", scenario);
    Simulator::Settings settings;
    settings.options = std::move(options);
    auto const add = [&](std::string const& name, std::string const& value) {
        if (std::ranges::find(settings.options, name) != settings.options.end()) return;
        settings.options.insert(settings.options.end(), {name, value});
    };
    add("--scenario", (dir / "scenario.json").string());
    add("--export-seconds", "0.6");
    add("--task-ms", "50");
    add("--map-share", "files/ServerBackups=" + (dir / "share").string());
    return settings;
}

DaemonSettings fitting(fs::path const& dir, Simulator const& simulator, std::chrono::seconds limit) {
    DaemonSettings settings;
    settings.smb_host = "files";
    settings.local_path = dir / "share";
    settings.cluster_user = simulator.settings().username;
    settings.cluster_password = simulator.settings().password;
    settings.cluster_host = simulator.host();
    settings.fingerprint = simulator.fingerprint();
    auto const seconds = std::to_string(limit.count());
    settings.more = "[Timeouts]\nRequest = " + seconds + "\nSubmit = " + seconds +
                    "\nResolve = 4\nShareDelay = 1\nClusterUnreachable = 20\n";
    return settings;
}

}  // namespace

std::vector<std::string> const& vm_names() {
    static std::vector<std::string> const names{"VM-A", "VM-B", "VM-C", "VM-D"};
    return names;
}

FaultFixture::FaultFixture(Settings settings)
    : simulator(with(dir.path(), std::move(settings.options))),
      daemon(dir.path(), fitting(dir.path(), simulator, settings.limit)) {
    auto const listed = json::Document::parse(simulator.ask("/rest/v1/VirDomain")).value();
    for (auto const& vm : listed.root().elements()) uuids[vm["name"].text()] = vm["uuid"].text();
    if (settings.adjust) settings.adjust(daemon.settings, simulator);
    daemon.start();
}

FaultFixture::~FaultFixture() {
    if (!::testing::Test::HasFailure()) return;
    auto const tail = [](std::string const& text) {
        return text.substr(text.size() - std::min<std::size_t>(text.size(), 9000));
    };
    std::cerr << "---- scale-backupd ----\n"
              << tail(daemon.log()) << "---- hypercore-sim ----\n"
              << tail(simulator.log());
}

void FaultFixture::add_fault(std::string const& members, std::string const& match, int times) const {
    auto const count = times > 0 ? ",\"count\":" + std::to_string(times) : std::string();
    simulator.faults("{" + members + ",\"match\":{" + match + count + "}}");
}

void FaultFixture::clear_faults() const { simulator.request("DELETE", "/sim/faults"); }

bool FaultFixture::wait_until_recovered() const {
    auto const shown = [this] {
        auto const look =
            "openssl s_client -connect \"$0\" </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256";
        return run({.argv = {"sh", "-c", look, simulator.host()}}).out;
    };
    auto const itself = [&] { return shown().find(simulator.fingerprint()) != std::string::npos; };
    return wait_until(itself) && wait_until([this] { return daemon.ctl({"show-vms"}).code == 0; });
}

std::string FaultFixture::start(std::vector<std::string> arguments, std::string* refusal) const {
    arguments.push_back("--detach");
    auto const done = daemon.ctl(arguments);
    auto const begin = done.out.find_first_of("0123456789");
    if (done.code == 0 && begin != std::string::npos)
        return done.out.substr(begin, done.out.find_first_not_of("0123456789", begin) - begin);
    if (refusal == nullptr) ADD_FAILURE() << done.out << done.err;
    else *refusal = done.out + done.err;
    return {};
}

FaultFixture::Job FaultFixture::job(std::string const& id) const {
    auto const document = daemon.ctl_json({"jobs"});
    for (auto const& each : document.root().elements()) {
        if (each["id"].dump() != id) continue;
        return {each["state"].text(), each["error"].text(), each["task_tag"].text()};
    }
    return {};
}

FaultFixture::Job FaultFixture::ended(std::string const& id) const {
    // One waiting process is cheaper than many that poll.
    (void)daemon.ctl({"watch", id});
    return job(id);
}

}  // namespace sb::test
