#include "tests/unit/verify/qemu_images.hpp"

#include "common/json/document.hpp"
#include "daemon/platform/folder.hpp"
#include "tests/support/tools.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <random>

extern char** environ;

namespace sb::verify::test {
namespace {

namespace fs = std::filesystem;

/// Without a shell in between: the test checks thousands of images.
int start_and_wait(std::vector<std::string> arguments, std::string const& output) {
    std::vector<char*> argv;
    for (auto& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
    pid_t pid = 0;
    int const failed = ::posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    int status = 0;
    if (failed != 0 || ::waitpid(pid, &status, 0) != pid) return 255;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

}  // namespace

void QemuImages::SetUp() {
    SB_NEEDS_TOOLS("qemu-img", "qemu-io");
    // On a file system in memory, writing an image takes no time.
    auto const parent = fs::exists("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path();
    std::string pattern = (parent / "sb-qcow2-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
}

void QemuImages::TearDown() {
    if (!dir_.empty()) fs::remove_all(dir_);
}

int QemuImages::run(std::vector<std::string> arguments, std::string const& file) const {
    if (!file.empty()) arguments.push_back(path(file));
    return start_and_wait(std::move(arguments), "/dev/null");
}

QemuVerdict QemuImages::qemu(std::string const& file) const {
    int const code = start_and_wait({"qemu-img", "check", "--output=json", "-f", "qcow2", path(file)}, path("said"));
    QemuVerdict verdict;
    verdict.sound =
        code == 0 || code == 3;  // 3: leaks and nothing else; other codes: corruption, or it cannot even be opened
    if (!verdict.sound) return verdict;
    auto const said = json::Document::parse(bytes_of("said"));
    if (!said) throw std::runtime_error("qemu-img check printed invalid JSON: " + said.error().context);
    verdict.leaked_clusters = said->root()["leaks"].unsigned_integer().value_or(0);
    verdict.compressed_clusters = said->root()["compressed-clusters"].unsigned_integer().value_or(0);
    return verdict;
}

Result<Qcow2Summary> QemuImages::ours(std::string const& file) const {
    auto const folder = platform::Folder::open(dir_);
    auto const image = folder->open_file(file);
    return check_qcow2(**image);
}

std::string QemuImages::bytes_of(std::string const& file) const {
    std::ifstream in(dir_ / file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void QemuImages::write(std::string const& file, std::string const& bytes) const {
    std::ofstream(dir_ / file, std::ios::binary | std::ios::trunc)
        .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void QemuImages::make_raw(std::string const& file, std::size_t size, unsigned seed) const {
    std::mt19937 random(seed);
    std::string data(size, '\0');
    for (std::size_t at = 0; at < size; at += 32768) {
        auto const kind = random() % 3;
        for (std::size_t i = at; i < std::min(size, at + 32768); ++i)
            data[i] = kind == 0 ? '\0' : kind == 1 ? static_cast<char>(random()) : static_cast<char>('a' + i % 7);
    }
    write(file, data);
}

std::vector<std::string> QemuImages::make_one_of_each_kind() {
    std::vector<std::string> images;
    make_raw("a.raw", 1 << 20, 1);
    make_raw("odd.raw", (1 << 20) + 1536, 2);
    auto const convert = [&](std::string const& name, std::string const& options, std::string const& raw,
                             bool packed = false) {
        std::vector<std::string> arguments{"qemu-img", "convert", "-f", "raw", "-O", "qcow2"};
        if (packed) arguments.push_back("-c");
        if (!options.empty()) arguments.insert(arguments.end(), {"-o", options});
        arguments.push_back(path(raw));
        EXPECT_EQ(run(arguments, name), 0) << name;
        images.push_back(name);
    };
    auto const create = [&](std::string const& name, std::string const& options, std::string const& size) {
        std::vector<std::string> arguments{"qemu-img", "create", "-f", "qcow2"};
        if (!options.empty()) arguments.insert(arguments.end(), {"-o", options});
        arguments.insert(arguments.end(), {path(name), size});
        EXPECT_EQ(run(arguments), 0) << name;
        images.push_back(name);
    };
    auto const io = [&](std::string const& name, std::vector<std::string> const& commands) {
        std::vector<std::string> arguments{"qemu-io", "-f", "qcow2"};
        for (auto const& command : commands) arguments.insert(arguments.end(), {"-c", command});
        EXPECT_EQ(run(arguments, name), 0) << name;
    };
    for (std::string const cluster : {"512", "4096", "65536", "2M"})
        for (std::string const compat : {"0.10", "1.1"}) {
            auto const options = "cluster_size=" + cluster + ",compat=" + compat;
            auto const tail = cluster + "-" + compat;
            convert("plain-" + tail, options, "a.raw");
            convert("odd-" + tail, options, "odd.raw");
            convert("packed-" + tail, options, "a.raw", true);
            create("empty-" + tail, options, "1G");
        }
    for (std::string const bits : {"1", "2", "4", "8", "32", "64"})
        convert("refcount-" + bits, "refcount_bits=" + bits, "a.raw");
    convert("subclusters", "extended_l2=on,cluster_size=65536", "odd.raw");
    for (std::string const kind : {"metadata", "falloc", "full"})
        create("prealloc-" + kind, "preallocation=" + kind, "1M");
    convert("zeros", "", "a.raw");
    io("zeros", {"write -z 0 256k", "write -z -u 512k 64k", "discard 700k 128k", "write 900k 3k"});
    convert("snapshots", "", "a.raw");
    EXPECT_EQ(run({"qemu-img", "snapshot", "-c", "one"}, "snapshots"), 0);
    io("snapshots", {"write -P 7 0 200k"});
    EXPECT_EQ(run({"qemu-img", "snapshot", "-c", "two"}, "snapshots"), 0);
    convert("grown", "cluster_size=4096", "a.raw");
    EXPECT_EQ(run({"qemu-img", "resize", path("grown"), "3G"}), 0);
    io("grown", {"write 2G 100k"});
    convert("shrunk", "cluster_size=512", "a.raw");
    EXPECT_EQ(run({"qemu-img", "resize", "--shrink", path("shrunk"), "300k"}), 0);
    create("tail", "", "10000000");
    io("tail", {"write 9999872 128"});
    return images;
}

std::string disagreement(QemuVerdict const& qemu, Result<Qcow2Summary> const& ours, std::string& reason) {
    if (!qemu.sound) return ours ? "corrupt for qemu-img, intact for us" : "";
    if (ours) {
        auto const differs = [](std::string const& what, std::uint64_t theirs, std::uint64_t mine) {
            return theirs == mine
                       ? ""
                       : what + ": " + std::to_string(theirs) + " to qemu-img, " + std::to_string(mine) + " to us; ";
        };
        return differs("leaked clusters", qemu.leaked_clusters, ours->leaked_clusters) +
               differs("compressed clusters", qemu.compressed_clusters, ours->compressed_clusters);
    }
    for (std::string const allowed : {
             "it is truncated or was not written completely",  // qemu lets the file end within its last cluster
             "was not closed properly", "marked as corrupt", "is encrypted", "overlaps other data",
             "which version 2 does not support",  // qemu fails when the guest reads there
             "so it is not a complete backup",    // a backing file that qemu does not open for a check
         })
        if (ours.error().context.find(allowed) != std::string::npos) {
            reason = allowed;
            return {};
        }
    return "intact for qemu-img; for us: " + ours.error().context;
}

}  // namespace sb::verify::test
