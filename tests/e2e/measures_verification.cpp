// Speed of content verification, compared with OpenSSL's own benchmark on the same machine at the same time, and its
// memory usage.

#include "daemon/verify/content_verification.hpp"
#include "tests/e2e/figure.hpp"
#include "tests/e2e/fixture.hpp"

#include <cstdio>
#include <fstream>
#include <thread>

namespace sb::test {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// GB per second of `openssl speed` with blocks of 16 KiB, one core.
double openssl_speed() {
    auto const done = run({.argv = {"openssl", "speed", "-mr", "-seconds", "3", "-bytes", "16384", "-evp", "sha256"}});
    auto const at = done.out.find("+F:");
    auto const last = done.out.find_last_of(':');
    if (at == std::string::npos) throw std::runtime_error("openssl speed printed: " + done.out + done.err);
    return std::stod(done.out.substr(last + 1)) / 1e9;
}

void fill(fs::path const& file, std::uint64_t size) {
    std::ofstream out(file, std::ios::binary);
    std::string block(1u << 20, 'x');
    for (std::uint64_t at = 0; at < size; at += block.size()) {
        auto const number = std::to_string(at);
        for (std::size_t i = 0; i < block.size(); i += 4096) block.replace(i, number.size(), number);
        out.write(block.data(), static_cast<std::streamsize>(block.size()));
    }
}

/// GB per second for a file in the page cache. Each pass drops it from the cache, so it is read again before.
double content_speed(fs::path const& folder, std::string const& name, unsigned cores) {
    auto const size = fs::file_size(folder / name);
    run({.argv = {"sh", "-c", "cat \"$0\" >/dev/null", (folder / name).string()}});
    auto verification = verify::ContentVerification::begin(platform::Folder::open(folder).value(),
                                                           {{name, size, std::nullopt}}, UtcTime{});
    auto const begin = Clock::now();
    while (!(*verification)->done())
        if (!(*verification)->advance(64u << 20, cores)) return 0;
    auto const took = std::chrono::duration<double>(Clock::now() - begin).count();
    if (!(*verification)->finish()) return 0;
    return static_cast<double>(size) / 1e9 / took;
}

TEST(Measures, ContentVerificationIsAsFastAsOpenssl) {
    TempDir dir;
    fill(dir.path() / "disk", std::uint64_t{2} << 30);
    double best = 0;
    double openssl = 0;
    double ours = 0;
    for (int i = 0; i < 3; ++i) {  // other load varies, so both are measured at the same time
        auto const reference = openssl_speed();
        auto const speed = content_speed(dir.path(), "disk", 1);
        if (speed / reference > best) best = speed / reference, openssl = reference, ours = speed;
    }
    print_figure("openssl speed -evp sha256 -bytes 16384, GB/s, one core", openssl, "");
    print_figure("content, GB/s, data in memory, one core", ours, "");
    print_figure("content, relative to openssl", best, "at least 0.9");
    EXPECT_GE(best, 0.9);
    auto const cores = std::thread::hardware_concurrency();
    for (unsigned n = 2; n <= cores && n <= 8; n *= 2) {
        auto const what = "content, GB/s, " + std::to_string(n) + " cores";
        print_figure(what, content_speed(dir.path(), "disk", n), "");
    }
}

double peak_mebibytes(pid_t pid) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
    return -1;
}

TEST(Measures, VerifyingAHundredGibibytesTakesLittleMemory) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.simulator = {.options = {"--vms", "1", "--disk-size", "4M", "--export-seconds", "0.05"}},
                     .adjust = [](DaemonSettings& settings) { settings.more += "[Verify]\nMaxRate = 'unlimited'\n"; }});
    auto const vm = fixture.daemon.ctl_json({"show-vms"}).root().elements().front()["uuid"].text();
    ASSERT_EQ(fixture.daemon.ctl({"backup", vm, "large"}).code, 0);
    // The image grows to 100 GiB with all its tables and 2 GiB of data; the manifest is updated.
    auto const image = images_in(fixture.folder("large")).front().string();
    run({.argv = {"qemu-img", "create", "-q", "-f", "qcow2", "-o", "preallocation=metadata", image, "100G"}});
    run({.argv = {"qemu-io", "-c", "write -P 7 1G 1G", "-c", "write -P 9 70G 1G", image}});
    auto const tell_manifest = run({.argv = {"python3", "-c", R"(
import json, os, sys
folder, image = sys.argv[1:]
path = os.path.join(folder, 'scale-backup.json')
manifest = json.load(open(path))
del manifest['checksum']
for file in manifest['files']:
    if file['name'] == os.path.basename(image):
        file['size_bytes'], file['virtual_bytes'] = os.path.getsize(image), 100 << 30
        del file['structure']
for disk in manifest['disks']:
    if disk['uuid'] in image: disk['capacity_bytes'] = 100 << 30
json.dump(manifest, open(path, 'w'), indent=4)
)",
                                             fixture.folder("large").string(), image}});
    ASSERT_EQ(tell_manifest.code, 0) << tell_manifest.err;
    auto const begin = Clock::now();
    auto const verified = fixture.daemon.ctl({"verify", "large"});
    EXPECT_EQ(verified.code, 0) << verified.out << verified.err;
    auto const took = std::chrono::duration<double>(Clock::now() - begin).count();
    auto const peak = peak_mebibytes(fixture.daemon.pid());
    print_figure("verify of 100 GiB with 2 GiB of data, seconds", took, "");
    print_figure("verify of 100 GiB: the daemon's peak memory in MiB", peak, "below 64");
    EXPECT_LT(peak, 64);
    EXPECT_EQ(fixture.daemon.ctl({"verify", "large", "--level", "reread"}).code, 0);
    EXPECT_LT(peak_mebibytes(fixture.daemon.pid()), 64);
}

}  // namespace
}  // namespace sb::test
