#include "tests/e2e/schedule_fixture.hpp"

#include "tests/support/json_rpc.hpp"
#include "tests/support/process.hpp"

#include <algorithm>
#include <ctime>
#include <regex>
#include <sstream>
#include <stdexcept>

namespace sb::test {
namespace fs = std::filesystem;
namespace {

std::string scenario_of(ScheduleFixtureSettings const& settings) {
    if (!settings.scenario.empty()) return R"({"vms":)" + settings.scenario + "}";
    std::string list;
    for (auto const& name : settings.vms)
        list += (list.empty() ? "" : ",") + (R"({"name":)" + json_string(name) + R"(,"disks":[{"size":"4M"}]})");
    return R"({"vms":[)" + list + "]}";
}

Simulator::Settings simulator_for(ScheduleFixtureSettings const& settings, fs::path const& dir, fs::path const& share) {
    fs::create_directory(share);
    write_file(dir / "scenario.json", scenario_of(settings));
    return {.options = {"--scenario", (dir / "scenario.json").string(), "--disk-size", "4M", "--task-ms", "20",
                        "--export-seconds", settings.export_seconds, "--map-share",
                        "127.0.0.1/ServerBackups=" + share.string()}};
}

DaemonSettings daemon_for(ScheduleFixtureSettings const& settings, Simulator const& simulator, fs::path const& share) {
    DaemonSettings result;
    result.smb_host = "127.0.0.1";
    result.local_path = share;
    result.cluster_host = simulator.host();
    result.fingerprint = simulator.fingerprint();
    result.more = "[Schedule]\n" + settings.schedule + settings.more;
    result.environment = settings.environment;
    return result;
}

std::tm local_time(std::chrono::system_clock::time_point time) {
    auto const seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    ::localtime_r(&seconds, &parts);
    return parts;
}

std::string utc_text(std::chrono::system_clock::time_point time) {
    auto const seconds = std::chrono::system_clock::to_time_t(time);
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    char text[64];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts)};
}

std::string hour_and_minute(std::chrono::system_clock::time_point time) {
    auto const parts = local_time(time);
    char text[64];
    return {text, std::strftime(text, sizeof text, "%H:%M", &parts)};
}

}  // namespace

ScheduleFixture::ScheduleFixture(ScheduleFixtureSettings settings)
    : share(dir / "share"),
      simulator(simulator_for(settings, dir.path(), share)),
      daemon(dir.path(), daemon_for(settings, simulator, share)) {
    if (!settings.faults.empty()) simulator.faults(settings.faults);
    if (settings.start_daemon) daemon.start();
}

ScheduleFixture::~ScheduleFixture() {
    if (!::testing::Test::HasFailure()) return;
    // Without the questions of tests that wait: hundreds of them would push everything else out.
    std::istringstream lines(daemon.log());
    std::string log;
    for (std::string line; std::getline(lines, line);)
        if (line.find(" debug control: ") == std::string::npos) log += line + "\n";
    std::cerr << "---- scale-backupd ----\n" << log.substr(log.size() - std::min<std::size_t>(log.size(), 12000));
}

json::Document ScheduleFixture::ask(std::string const& method, std::string const& params) const {
    auto answer = json_rpc(daemon.socket(), method, params);
    if (!answer.root()["result"].is_object()) throw std::runtime_error(method + ": " + answer.root().dump());
    return json::Document::parse(answer.root()["result"].dump()).value();
}

json::Document ScheduleFixture::ended_run(int number) const {
    auto found = json::Document::parse("{}").value();
    bool const ended = wait_until([&] {
        auto const runs = ask("runs.list");
        auto const list = runs.root()["runs"];
        if (list.size() < static_cast<std::size_t>(number)) return false;
        if (list.at(0)["state"].text() != "finished") return false;
        found = json::Document::parse(list.at(0).dump()).value();
        return true;
    });
    EXPECT_TRUE(ended) << "no run has finished";
    return found;
}

std::uint64_t ScheduleFixture::exports() const {
    auto const stats = simulator.stats();
    return stats.root()["by_route"]["POST /rest/v1/VirDomain/{}/export"].unsigned_integer().value_or(0);
}

bool ScheduleFixture::wait_for_exports(std::uint64_t count) const {
    return wait_until([&] { return exports() >= count; });
}

std::vector<ScheduleFixture::Backup> ScheduleFixture::backups() const {
    std::vector<Backup> result;
    auto const document = ask("backups.list");
    for (auto const& one : document.root()["backups"].elements())
        result.push_back({one["name"].text(), one["vm"].text(), one["vm_uuid"].text(), one["state"].text(),
                          one["scheduled"].boolean().value_or(false)});
    return result;
}

std::vector<std::string> ScheduleFixture::names_of_backups() const {
    std::vector<std::string> names;
    for (auto const& backup : backups()) names.push_back(backup.name);
    std::ranges::sort(names);
    return names;
}

std::string ScheduleFixture::only_backup_of(std::string const& vm) const {
    std::vector<std::string> names;
    for (auto const& backup : backups())
        if (backup.vm == vm && backup.state == "complete") names.push_back(backup.name);
    EXPECT_EQ(names.size(), 1U) << vm;
    return names.empty() ? "" : names.front();
}

std::string ScheduleFixture::vm_uuid(std::string const& name) const {
    auto const document = json::Document::parse(simulator.get("/rest/v1/VirDomain")).value();
    for (auto const& vm : document.root().elements())
        if (vm["name"].text() == name) return vm["uuid"].text();
    throw std::runtime_error("no VM is called " + name);
}

namespace {

/// As if the daemon had made it then: a backup that merely appears in the share counts for nothing.
void make_known(ScheduleFixture const& fixture, std::string const& backup) {
    if (fs::exists(fixture.daemon.socket())) {
        fixture.ask("adopt.apply", "{\"folder\":" + json_string(backup) + "}");
        return;
    }
    auto const journal = fixture.daemon.state_dir() / "journal.db";
    if (!fs::exists(journal)) return;  // with a new one, all are checked
    auto const script =
        "import sqlite3, sys\nwith sqlite3.connect(sys.argv[1]) as journal:\n"
        "    journal.execute(\"DELETE FROM facts WHERE name = 'claims'\")\njournal.close()\n";
    auto const done = run({.argv = {"python3", "-c", script, journal.string()}});
    if (done.code != 0) throw std::runtime_error(done.err);
}

}  // namespace

std::string ScheduleFixture::copy_backup(std::string const& name, Clock::time_point started, std::string const& replace,
                                         std::string const& by) const {
    auto manifest = read_file(share / name / "scale-backup.json");
    if (manifest.empty()) throw std::runtime_error("no backup " + name);
    auto const vm = name.substr(std::string("2026-11-23_17-00-00 ").size());
    auto const copy = stamp_of(started) + " " + vm;
    auto const set = [&](char const* key, std::string const& value) {
        manifest = std::regex_replace(manifest, std::regex("\"" + std::string(key) + "\": *\"[^\"]*\""),
                                      "\"" + std::string(key) + "\": " + json_string(value));
    };
    set("backup", copy);
    set("started", utc_text(started));
    set("completed", utc_text(started + std::chrono::minutes(2)));
    set("at", utc_text(started + std::chrono::minutes(2)));
    // Its own checksum no longer fits, and a manifest that another program changed is no reason to delete another copy.
    manifest = std::regex_replace(manifest, std::regex(",\\s*\"seal\": *\"[0-9a-f]*\""), "");
    if (!replace.empty()) {
        auto const found = manifest.find(replace);
        if (found == std::string::npos) throw std::runtime_error("no " + replace + " in " + manifest);
        manifest.replace(found, replace.size(), by);
    }
    fs::copy(share / name, share / copy);
    write_file(share / copy / "scale-backup.json", manifest);
    make_known(*this, copy);
    return copy;
}

std::string always_open(std::string const& more) {
    return "StartTime = '0:00'\nEndTime = '0:00'\nBackupInterval = '1 day'\n" + more;
}

std::string failing_export(std::string const& vm, std::string const& message, std::string const& more) {
    return R"([{"kind":"task_error","percent":50,"text":)" + json_string(message) +
           R"(,"match":{"call":"export","vm":)" + json_string(vm) + (more.empty() ? "" : "," + more) + "}}]";
}

std::string window_text(std::chrono::minutes from_now, std::chrono::minutes until) {
    auto const now = std::chrono::system_clock::now();
    return "StartTime = '" + hour_and_minute(now + from_now) + "'\nEndTime = '" + hour_and_minute(now + until) +
           "'\nBackupInterval = '1 day'\nMaxBackups = 30\n";
}

std::string stamp_of(std::chrono::system_clock::time_point time) {
    auto const parts = local_time(time);
    char text[64];
    return {text, std::strftime(text, sizeof text, "%Y-%m-%d_%H-%M-%S", &parts)};
}

std::string recording_hook(fs::path const& folder, fs::path const& record, std::string const& before) {
    static int number = 0;
    auto const program = folder / ("hook-" + std::to_string(++number));
    // The line is written with one write, because hooks run concurrently.
    write_file(program, "#!/bin/sh\n" + before +
                            "\nline=\nfor word; do line=\"$line[$word]\"; done\nprintf '%s\\n' \"$line\" >> '" +
                            record.string() + "'\n");
    fs::permissions(program, fs::perms::owner_all);
    return program.string();
}

std::vector<std::string> lines_of(fs::path const& file) {
    std::istringstream in(read_file(file));
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
}

}  // namespace sb::test
