// No call keeps another caller waiting for more than 100 ms: a probe asks for the version again and again, each time on
// a new connection, beside each call that costs much.

#include "tests/e2e/figure.hpp"
#include "tests/e2e/fixture.hpp"
#include "tests/support/json_rpc.hpp"

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdio>
#include <fstream>
#include <mutex>
#include <regex>
#include <thread>

namespace sb::test {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
using Ms = std::chrono::duration<double, std::milli>;

constexpr int vms = 100, old_folders = 500, rounds = 3;
constexpr int many_vms = 1000, exported = 4, many_backups = 10'000;

/// Measures in the background as long as it lives.
class Probe {
public:
    explicit Probe(fs::path socket) : socket_(std::move(socket)), thread_([this] { ask(); }) {}
    Probe(Probe const&) = delete;
    Probe& operator=(Probe const&) = delete;
    ~Probe() { end(); }

    /// The longest wait in milliseconds.
    double end() {
        {
            std::lock_guard const lock(mutex_);
            stop_ = true;
        }
        stopped_.notify_one();
        if (thread_.joinable()) thread_.join();
        return worst_;
    }
    int count() const { return count_; }

private:
    void ask() {
        for (bool stop = false; !stop;) {
            auto const begin = Clock::now();
            json_rpc(socket_, "version");
            worst_ = std::max(worst_, Ms(Clock::now() - begin).count());
            ++count_;
            std::unique_lock lock(mutex_);
            stop = stopped_.wait_for(lock, std::chrono::milliseconds{1}, [this] { return stop_; });
        }
    }

    fs::path socket_;
    std::mutex mutex_;
    std::condition_variable stopped_;
    bool stop_ = false;
    std::atomic<int> count_ = 0;
    double worst_ = 0;
    std::thread thread_;
};

/// A site with many VMs and, in the share, many folders of another program.
Fixture& large_site() {
    static Fixture fixture(
        {.simulator = {.options = {"--vms", std::to_string(vms), "--disk-size", "1M", "--export-seconds", "0.05"}},
         .adjust = [](DaemonSettings& settings) {
             settings.more += "[Schedule]\nStartTime = '20:00'\nEndTime = '06:00'\n";
             for (int i = 0; i < old_folders; ++i) {
                 auto const folder = settings.local_path / ("old export " + std::to_string(i));
                 fs::create_directories(folder);
                 std::ofstream(folder / "VM.xml") << "<domain/>";
                 std::ofstream(folder / "disk.qcow2") << "QFI";
             }
         }});
    return fixture;
}

bool wait_for_quiet(Fixture const& fixture) {
    auto const quiet = [&] {
        auto const status = fixture.daemon.ctl_json({"status"});
        auto const jobs = status.root()["jobs"];
        return jobs["queued"].integer() == 0 && jobs["running"].integer() == 0;
    };
    return wait_until(quiet, std::chrono::seconds{300});
}

/// What differs between the manifests of two backups, as the text of the first one with marks in its place.
std::string manifest_template(std::string text) {
    auto const mark = [&text](char const* key, char const* by) {
        std::regex const member("\"" + std::string(key) + "\": *\"[^\"]*\"");
        text = std::regex_replace(text, member, "\"" + std::string(key) + "\": \"" + by + "\"");
    };
    mark("backup", "@NAME@");
    mark("attempt", "@ATTEMPT@");
    mark("vm", "@VM@");
    mark("vm_uuid", "@UUID@");
    text = std::regex_replace(text, std::regex("\"scheduled\": *false"), "\"scheduled\": true");
    return std::regex_replace(text, std::regex(",\\s*\"seal\": *\"[0-9a-f]*\""), "");
}

void put(std::string& text, std::string const& mark, std::string const& value) {
    if (auto const found = text.find(mark); found != text.npos) text.replace(found, mark.size(), value);
}

/// As if the daemon had made them: a row of the journal for each. `rows`: tab-separated lines.
void make_known(Daemon const& daemon, std::string rows) {
    auto const script = R"py(
import sqlite3, sys
rows = [line.rstrip('\n').split('\t') for line in sys.stdin]
with sqlite3.connect(sys.argv[1]) as journal:
    journal.executemany(
        "INSERT INTO trusted_copies"
        " (copy, backup, attempt, job, vm, started, scheduled, size_bytes, source, since, proof)"
        " VALUES (?, ?, ?, ?, ?, ?, 1, 1000000, 'job', ?, '')",
        [('\n'.join((attempt, job, vm, name)), name, attempt, job, vm, started, started)
         for name, attempt, job, vm, started in rows])
journal.close()
)py";
    auto const done = run(
        {.argv = {"python3", "-c", script, (daemon.state_dir() / "journal.db").string()}, .input = std::move(rows)});
    ASSERT_EQ(done.code, 0) << done.err;
}

/// Ten backups of each of a thousand VMs, one a day: the files are those of a few exports, each has its own folder,
/// manifest and row of the journal.
void fill(Fixture& fixture) {
    auto const document = fixture.daemon.ctl_json({"show-vms"});
    for (int i = 0; i < exported; ++i)
        fixture.detach({"backup", document.root().at(static_cast<std::size_t>(i))["uuid"].text(),
                        "original " + std::to_string(i)});
    ASSERT_TRUE(wait_for_quiet(fixture));
    fixture.daemon.stop();
    struct Original {
        std::vector<fs::path> files;
        std::string manifest, job;
    };
    std::vector<Original> originals;
    for (int i = 0; i < exported; ++i) {
        Original original;
        auto const folder = fixture.share() / ("original " + std::to_string(i));
        auto const text = read_file(folder / "scale-backup.json");
        original.manifest = manifest_template(text);
        original.job = std::to_string(json::Document::parse(text).value().root()["job"].integer().value_or(0));
        for (auto const& entry : fs::directory_iterator(folder))
            if (entry.path().filename() != "scale-backup.json") original.files.push_back(entry.path());
        originals.push_back(std::move(original));
    }
    auto const now = std::chrono::system_clock::now();
    std::string rows;
    for (int i = exported; i < many_backups; ++i) {
        auto const& original = originals[static_cast<std::size_t>(i % exported)];
        auto const vm = document.root().at(static_cast<std::size_t>(i % many_vms));
        auto const name = "copy " + std::to_string(i);
        std::array<char, 16> attempt{};
        std::snprintf(attempt.data(), attempt.size(), "%08x", static_cast<unsigned>(i));
        auto manifest = original.manifest;
        put(manifest, "@NAME@", name);
        put(manifest, "@ATTEMPT@", attempt.data());
        put(manifest, "@VM@", std::string(vm["name"].text()));
        put(manifest, "@UUID@", std::string(vm["uuid"].text()));
        auto const folder = fixture.share() / name;
        fs::create_directory(folder);
        for (auto const& file : original.files) fs::create_hard_link(file, folder / file.filename());
        write_file(folder / "scale-backup.json", manifest);
        auto const started =
            std::chrono::floor<std::chrono::milliseconds>(now) - std::chrono::hours{24 * (i / many_vms)};
        rows += name + "\t" + attempt.data() + "\t" + original.job + "\t" + std::string(vm["uuid"].text()) + "\t" +
                std::to_string(started.time_since_epoch().count()) + "\n";
    }
    make_known(fixture.daemon, std::move(rows));
    fixture.daemon.start();
}

/// A thousand VMs and ten thousand backups.
Fixture& huge_site() {
    static Fixture fixture(
        {.simulator = {.options = {"--vms", std::to_string(many_vms), "--disk-size", "1M", "--export-seconds", "0.02"}},
         .adjust = [](DaemonSettings& settings) {
             settings.more += "[Schedule]\nStartTime = '20:00'\nEndTime = '06:00'\nMaxBackups = 7\n";
         }});
    static bool const filled = [] {
        fill(fixture);
        return !testing::Test::HasFatalFailure();
    }();
    EXPECT_TRUE(filled);
    return fixture;
}

/// An image of many tables: 64 TiB of nothing, whose L1 table points to one L2 table again and again.
void plant_hostile_image(fs::path const& share) {
    auto const folder = share / "old export 0";
    std::ofstream image(folder / "disk.qcow2", std::ios::binary);
    auto const put = [&](std::uint64_t value, int bytes) {
        for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) image.put(static_cast<char>(value >> shift & 0xff));
    };
    constexpr std::uint64_t cluster = 65536, l1_entries = 131072;
    put(0x514649fb, 4), put(3, 4), put(0, 8), put(0, 4), put(16, 4);  // magic, version, no backing file, cluster bits
    put(l1_entries * (cluster / 8) * cluster, 8);                     // size
    put(0, 4), put(l1_entries, 4), put(3 * cluster, 8);               // not encrypted, L1
    put(cluster, 8), put(1, 4), put(0, 4), put(0, 8);                 // refcounts, no snapshots
    put(0, 8), put(0, 8), put(0, 8), put(4, 4), put(104, 4);          // features, refcount order, header length
    image.seekp(3 * cluster);
    for (std::uint64_t i = 0; i < l1_entries; ++i) put(2 * cluster | std::uint64_t{1} << 63, 8);
}

void measure(Fixture const& fixture, std::string const& what, std::string const& method, std::string const& params) {
    double worst = 0;
    double took = 0;
    for (int round = 0; round < rounds; ++round) {
        Probe probe(fixture.daemon.socket());
        ASSERT_TRUE(wait_until([&] { return probe.count() > 5; }));
        auto const begin = Clock::now();
        auto const answer = json_rpc(fixture.daemon.socket(), method, params);
        took = Ms(Clock::now() - begin).count();
        // Not all succeed: a hostile image is refused, and that may take as long.
        EXPECT_TRUE(answer.root()["result"].exists() || answer.root()["error"].exists());
        worst = std::max(worst, probe.end());
    }
    print_figure(what + ": takes, in ms", took, "");
    print_figure(what + ": longest wait of another caller, in ms", worst, "below 100");
    EXPECT_LT(worst, 100) << what;
}

TEST(Waiting, BesideAPlanOfAYear) {
    SB_NEEDS_SAMBA();
    measure(large_site(), "plan of 366 days, 100 VMs", "schedule.plan", R"({"days":366})");
}

TEST(Waiting, BesideAListOfManyJobs) {
    SB_NEEDS_SAMBA();
    auto const& fixture = large_site();
    if (fixture.daemon.ctl_json({"jobs", "--limit", "1"}).root().size() == 0) {
        auto const document = fixture.daemon.ctl_json({"show-vms"});
        for (int round = 0; round < 3; ++round)
            for (auto const& vm : document.root().elements())
                fixture.detach({"backup", vm["uuid"].text(), std::to_string(round) + " " + vm["name"].text()});
        ASSERT_TRUE(wait_for_quiet(fixture));
    }
    measure(fixture, "list of 300 jobs", "jobs.list", R"({"limit":1000})");
    measure(fixture, "list of 300 backups", "backups.list", "{}");
    measure(fixture, "retention of 300 backups", "backups.retention", "{}");
}

TEST(Waiting, BesideInspectionsOfOldFolders) {
    SB_NEEDS_SAMBA();
    plant_hostile_image(large_site().share());
    measure(large_site(), "list of 500 old folders", "adopt.list", "{}");
    measure(large_site(), "inspection of a hostile image", "adopt.inspect", R"({"folder":"old export 0"})");
}

TEST(Waiting, BesideTheDoctor) {
    SB_NEEDS_SAMBA();
    measure(large_site(), "doctor", "daemon.check", "{}");
}

TEST(Waiting, BesideEachLongCallWithAThousandVmsAndTenThousandBackups) {
    SB_NEEDS_SAMBA();
    auto const& fixture = huge_site();
    auto const vm = fixture.daemon.ctl_json({"show-vms"}).root().at(0)["uuid"].text();
    struct Call {
        std::string method, params;
    };
    std::vector<Call> const calls{{"vms.list", "{}"},
                                  {"vms.explain", R"({"vm":")" + std::string(vm) + R"("})"},
                                  {"vms.explain", R"({"vm":"no such VM"})"},
                                  {"links.list", "{}"},
                                  {"backups.list", "{}"},
                                  {"backups.retention", "{}"},
                                  {"backups.deleted", "{}"},
                                  {"queue.list", "{}"},
                                  {"runs.list", R"({"limit":1000})"},
                                  {"runs.get", R"({"run":1})"},
                                  {"schedule.plan", R"({"days":7})"},
                                  {"adopt.list", "{}"},
                                  {"adopt.preview", "{}"},
                                  {"daemon.check", "{}"},
                                  {"status", "{}"}};
    for (auto const& call : calls)
        measure(fixture, "1,000 VMs, 10,000 backups: " + call.method, call.method, call.params);
}

/// Several clients ask for several kinds at the same time.
TEST(Waiting, BesideManyLongCallsAtTheSameTime) {
    SB_NEEDS_SAMBA();
    auto const& fixture = huge_site();
    std::vector<std::thread> crowd;
    Probe probe(fixture.daemon.socket());
    ASSERT_TRUE(wait_until([&] { return probe.count() > 5; }));
    for (int round = 0; round < 3; ++round)
        for (auto const* method : {"queue.list", "backups.list", "backups.retention", "vms.list", "adopt.preview"})
            crowd.emplace_back([&, method] { json_rpc(fixture.daemon.socket(), method); });
    for (auto& client : crowd) client.join();
    auto const worst = probe.end();
    print_figure("15 long calls at the same time: longest wait of another caller, in ms", worst, "below 100");
    EXPECT_LT(worst, 100);
}

/// `verify` without names makes a job of each backup.
TEST(Waiting, WithTenThousandJobs) {
    SB_NEEDS_SAMBA();
    auto const& fixture = huge_site();
    auto const started = json_rpc(fixture.daemon.socket(), "verify.start", R"({"level":"content"})");
    ASSERT_TRUE(started.root()["result"].exists()) << started.root().dump();
    print_figure("jobs that wait", static_cast<double>(started.root()["result"]["jobs"].size()), "");
    measure(fixture, "10,000 jobs: verify.start again", "verify.start", R"({"level":"content"})");
    measure(fixture, "10,000 jobs: status", "status", "{}");
    measure(fixture, "10,000 jobs: jobs.list", "jobs.list", R"({"limit":1000})");
    measure(fixture, "10,000 jobs: jobs.list of an earlier page", "jobs.list", R"({"limit":1000,"before":100})");
    measure(fixture, "10,000 jobs: jobs.subscribe", "jobs.subscribe", R"({"job":0})");
    auto const begin = Clock::now();
    fixture.daemon.ctl({"metrics"});
    auto const took = Ms(Clock::now() - begin).count();
    print_figure("metrics of 1,000 VMs, 10,000 backups and 10,000 jobs, in ms", took, "below 5000");
    EXPECT_LT(took, 5000);
}

TEST(Waiting, BesideAListingWhileAHostileImageIsInspected) {
    SB_NEEDS_SAMBA();
    auto const& fixture = large_site();
    plant_hostile_image(fixture.share());
    std::thread inspecting([&] { json_rpc(fixture.daemon.socket(), "adopt.inspect", R"({"folder":"old export 0"})"); });
    auto const begin = Clock::now();
    json_rpc(fixture.daemon.socket(), "backups.list");
    auto const took = Ms(Clock::now() - begin).count();
    inspecting.join();
    print_figure("backups.list while a hostile image is inspected, in ms", took, "below 1000");
    EXPECT_LT(took, 1000);
}

}  // namespace
}  // namespace sb::test
