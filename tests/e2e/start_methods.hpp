#pragma once
// Start methods for the daemon of a fixture: by hand, with the systemd unit, with FreeBSD's rc.d script, with the
// TrueNAS init task on both of its systems. Programs of these systems that cannot run here are replaced by small fakes
// (tests/e2e/service).

#include "tests/e2e/fixture.hpp"

#include <algorithm>
#include <csignal>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace sb::test {

namespace fs = std::filesystem;

inline fs::path const source = SB_SOURCE_DIR;
inline fs::path const generated = fs::path(SB_BINARY_DIR) / "init-scripts";
inline fs::path const stand_ins = source / "tests/e2e/service";

inline std::string replaced(std::string text, std::string const& from, std::string const& to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
    return text;
}

/// The value of a key in the unit file; the last one wins.
inline std::string unit_value(std::string const& unit, std::string const& key) {
    std::istringstream lines(unit);
    std::string value;
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(key + "=")) value = line.substr(key.size() + 1);
    return value;
}

inline std::vector<std::string> text_of(std::string const& line) {
    std::istringstream stream(line);
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(word);
    return words;
}

/// The service manager's end of NOTIFY_SOCKET.
class NotifySocket {
public:
    explicit NotifySocket(fs::path const& path) : descriptor_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.string().copy(address.sun_path, sizeof address.sun_path - 1);
        auto const* where = static_cast<sockaddr const*>(static_cast<void const*>(&address));
        if (::bind(descriptor_, where, sizeof address) != 0) throw std::runtime_error("no notify socket");
    }
    ~NotifySocket() { ::close(descriptor_); }

    /// Whether a message since the last match contains this text.
    bool wait_for(std::string const& text) {
        return wait_until([&] {
            char buffer[1024];
            for (ssize_t size = 0; (size = ::recv(descriptor_, buffer, sizeof buffer, 0)) > 0;)
                all_ += std::string(buffer, static_cast<std::size_t>(size)) + "\n--\n";
            auto const at = all_.find(text, seen_);
            if (at == std::string::npos) return false;
            seen_ = at + text.size();
            return true;
        });
    }
    std::string const& all() const { return all_; }

private:
    int descriptor_;
    std::string all_;
    std::size_t seen_ = 0;
};

/// One start method for the daemon of a fixture.
class StartMethod {
public:
    explicit StartMethod(Fixture& fixture) : fixture_(fixture) {}
    virtual ~StartMethod() = default;
    virtual void start() = 0;
    virtual Finished reload() = 0;
    virtual void stop() = 0;
    /// Tries to start another one; returns its output.
    virtual std::string start_again() = 0;
    virtual std::string log() const = 0;

    bool answers() const {
        return fixture_.daemon.ctl({"version"}).code == 0 && fixture_.daemon.ctl({"jobs"}).code == 0;
    }

protected:
    fs::path ctl() const { return built_program("scale-backupctl"); }
    fs::path daemon() const { return built_program("scale-backupd"); }

    Fixture& fixture_;
};

class ByHand final : public StartMethod {
public:
    using StartMethod::StartMethod;
    void start() override { fixture_.daemon.start(); }
    Finished reload() override { return fixture_.daemon.ctl({"reload"}); }
    void stop() override { EXPECT_EQ(fixture_.daemon.stop(), 0); }
    std::string start_again() override {
        auto const second = fixture_.daemon.run_to_end();
        EXPECT_EQ(second.code, 4);
        return second.out + second.err;
    }
    std::string log() const override { return fixture_.daemon.log(); }
};

class BySystemdUnit final : public StartMethod {
public:
    explicit BySystemdUnit(Fixture& fixture) : StartMethod(fixture), manager_(fixture.dir / "notify") {}

    void start() override {
        main_ = std::make_unique<Process>(exec_start());
        EXPECT_TRUE(manager_.wait_for("READY=1")) << log();
        EXPECT_TRUE(manager_.wait_for("STATUS=")) << manager_.all();
    }
    Finished reload() override {
        auto const socket = " --socket " + fixture_.daemon.socket().string();
        auto const finished = run({.argv = text_of(replaced(value("ExecReload"), " reload", socket + " reload"))});
        EXPECT_TRUE(manager_.wait_for("RELOADING=1\nMONOTONIC_USEC="));
        EXPECT_TRUE(manager_.wait_for("READY=1"));
        return finished;
    }
    void stop() override {
        earlier_ += main_->out() + main_->err();
        EXPECT_EQ(main_->stop().code, 0);
        EXPECT_TRUE(manager_.wait_for("STOPPING=1"));
        main_.reset();
    }
    std::string start_again() override {
        auto const second = run(exec_start());
        EXPECT_NE(value("RestartPreventExitStatus").find(std::to_string(second.code)), std::string::npos)
            << "systemd would restart it endlessly";
        return second.out + second.err;
    }
    std::string log() const override { return earlier_ + (main_ ? main_->out() + main_->err() : ""); }

private:
    std::string value(std::string const& key) const {
        auto text = unit_value(read_file(generated / "systemd/scale-backupd.service"), key);
        text = replaced(std::move(text), "/usr/local/sbin/scale-backupd", daemon().string());
        text = replaced(std::move(text), "/usr/local/bin/scale-backupctl", ctl().string());
        return replaced(std::move(text), "/etc/scale-backup/config.toml", fixture_.daemon.config().string());
    }
    Command exec_start() const {
        return {.argv = text_of(value("ExecStart")),
                .environment = {{"NOTIFY_SOCKET", (fixture_.dir / "notify").string()}, {"WATCHDOG_USEC", "2000000"}}};
    }

    NotifySocket manager_;
    std::unique_ptr<Process> main_;
    std::string earlier_;
};

/// rc.d and TrueNAS: scripts that find the systems' programs in PATH.
class ByScript : public StartMethod {
public:
    explicit ByScript(Fixture& fixture) : StartMethod(fixture), root_(fixture.dir / "root") {
        fs::create_directories(root_);
        write_file(rc_conf(), "scale_backupd_enable=YES\nscale_backupd_config='" + fixture.daemon.config().string() +
                                  "'\nscale_backupd_socket='" + fixture.daemon.socket().string() +
                                  "'\nscale_backupd_piddir='" + root_.string() + "'\nscale_backupd_statedir='" +
                                  fixture.daemon.state_dir().string() + "'\nscale_backupd_program='" +
                                  daemon().string() + "'\nscale_backupd_client='" + ctl().string() + "'\n");
    }
    std::string log() const override {
        auto const file = root_ / "daemon.log";
        return fs::exists(file) ? read_file(file) : "";
    }

protected:
    fs::path rc_conf() const { return root_ / "rc.conf"; }
    /// The rc.d script with the fakes instead of the system's programs.
    std::string rc_script() const {
        auto text = read_file(generated / "freebsd/scale_backupd");
        text = replaced(std::move(text), "/etc/rc.subr", (stand_ins / "rc.subr").string());
        return replaced(std::move(text), "/usr/sbin/daemon", (stand_ins / "daemon").string());
    }
    Finished script(fs::path const& program, std::string const& action) const {
        return run({.argv = {"sh", program.string(), action},
                    .environment = {{"PATH", path_},
                                    {"RC_CONF", rc_conf().string()},
                                    {"DAEMON_LOG", (root_ / "daemon.log").string()},
                                    {"SCALE_BACKUP_ROOT", root_.string()}}});
    }
    void must(fs::path const& program, std::string const& action) const {
        auto const done = script(program, action);
        EXPECT_EQ(done.code, 0) << action << ": " << done.out << done.err << log();
    }

    fs::path root_;
    std::string path_ = stand_ins.string() + ":/usr/sbin:/usr/bin:/sbin:/bin";
};

class ByRcScript final : public ByScript {
public:
    explicit ByRcScript(Fixture& fixture) : ByScript(fixture), script_(root_ / "scale_backupd") {
        write_file(script_, rc_script());
    }

    void start() override {
        must(script_, "start");
        EXPECT_TRUE(wait_until([&] { return answers(); })) << log();
        EXPECT_THAT(script(script_, "status").out, testing::HasSubstr("is running as pid"));
    }
    Finished reload() override { return script(script_, "reload"); }
    void stop() override {
        auto const pid = static_cast<pid_t>(std::stol(read_file(root_ / "scale_backupd.pid")));
        must(script_, "stop");
        EXPECT_NE(::kill(pid, 0), 0) << "an immediate restart would find the old one";
        EXPECT_EQ(script(script_, "status").code, 1);
    }
    std::string start_again() override {
        auto const second = script(script_, "start");
        EXPECT_NE(second.code, 0);
        return second.out + second.err;
    }

private:
    fs::path script_;
};

/// A dataset with the layout of docs/truenas.md.
class ByInitTask : public ByScript {
public:
    ByInitTask(Fixture& fixture, std::vector<std::string> const& without)
        : ByScript(fixture), dataset_(root_ / "mnt/tank/scale-backup") {
        fs::create_directories(dataset_ / "bin");
        fs::create_directories(dataset_ / "etc");
        fs::create_symlink(fixture.daemon.state_dir(), dataset_ / "state");
        fs::create_directories(fixture.daemon.state_dir());
        fs::create_symlink(daemon(), dataset_ / "bin/scale-backupd");
        fs::create_symlink(ctl(), dataset_ / "bin/scale-backupctl");
        fs::copy_file(source / "init-scripts/truenas/init-task.sh", task());
        write_file(dataset_ / "scale_backupd", rc_script());
        only_without(without);
    }
    void start() override {
        copy_config();
        must(task(), "start");
        EXPECT_TRUE(wait_until([&] { return answers(); })) << log();
    }
    void stop() override { must(task(), "stop"); }
    std::string start_again() override {
        // Running it twice has the same effect as once.
        auto const pid = fixture_.daemon.ctl_json({"status"}).root()["pid"].dump();
        must(task(), "start");
        EXPECT_EQ(fixture_.daemon.ctl_json({"status"}).root()["pid"].dump(), pid);
        auto const second =
            run({.argv = {daemon().string(), "--config", fixture_.daemon.config().string(), "--state-dir",
                          fixture_.daemon.state_dir().string(), "--socket", fixture_.daemon.socket().string()}});
        EXPECT_EQ(second.code, 4);
        return second.out + second.err;
    }

protected:
    fs::path task() const { return dataset_ / "init-task.sh"; }
    void copy_config() const {
        fs::copy_file(fixture_.daemon.config(), dataset_ / "etc/config.toml", fs::copy_options::overwrite_existing);
        // The unit has the system's socket; the test uses its own path.
        write_file(task(),
                   replaced(read_file(task()), "/run/scale-backup/control.sock", fixture_.daemon.socket().string()));
    }
    /// A PATH without the programs of the other system.
    void only_without(std::vector<std::string> const& without) {
        auto const bin = root_ / "bin";
        fs::create_directories(bin);
        for (auto const& folder : {stand_ins, fs::path("/usr/bin"), fs::path("/bin")})
            for (auto const& program : fs::directory_iterator(folder)) {
                auto const name = program.path().filename().string();
                bool const left_out = std::ranges::find(without, name) != without.end();
                if (!left_out && !fs::exists(fs::symlink_status(bin / name)))
                    fs::create_symlink(program.path(), bin / name);
            }
        path_ = bin.string();
    }

    fs::path dataset_;
};

class ByInitTaskOfScale final : public ByInitTask {
public:
    explicit ByInitTaskOfScale(Fixture& fixture) : ByInitTask(fixture, {"sysrc", "service"}) {}
    Finished reload() override {
        copy_config();
        return run(
            {.argv = {(stand_ins / "systemctl").string(), "reload"},
             .environment = {{"SCALE_BACKUP_ROOT", root_.string()}, {"DAEMON_LOG", (root_ / "daemon.log").string()}}});
    }
};

class ByInitTaskOfCore final : public ByInitTask {
public:
    explicit ByInitTaskOfCore(Fixture& fixture) : ByInitTask(fixture, {"systemctl"}) {}
    Finished reload() override {
        copy_config();
        return script(root_ / "usr/local/etc/rc.d/scale_backupd", "reload");
    }
};

}  // namespace sb::test
