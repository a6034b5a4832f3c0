#pragma once
// scale-backupd and scale-backupctl as child processes.

#include "common/json/document.hpp"
#include "tests/support/process.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace sb::test {

/// The values of a config.toml, with defaults where tests do not depend on them.
struct DaemonSettings {
    std::string smb_domain = "CONTOSO", smb_user = "JohnDoe", smb_password = "pa$$w0rd";
    std::string smb_host, share = "ServerBackups";
    std::filesystem::path local_path;
    std::string cluster_user = "admin", cluster_password = "P@ssword";
    std::string cluster_host, fingerprint;
    std::vector<std::string> more_hosts = {}, more_fingerprints = {};  ///< of further nodes: both become lists
    std::string more;                                                  ///< further TOML, at the end
    /// Additional environment of scale-backupd: time zones and fake clocks.
    std::vector<std::pair<std::string, std::string>> environment = {};
};

/// A TOML string with any text.
std::string toml_string(std::string_view text);
std::string config_text(DaemonSettings const& settings);

class Daemon {
public:
    /// Writes the configuration into `dir` and does not start anything yet.
    Daemon(std::filesystem::path dir, DaemonSettings settings);

    DaemonSettings settings;  ///< written by the next start() or write_config()
    void write_config() const;

    /// Starts it and waits until the control endpoint responds. Throws with its log if it exits before.
    void start();
    /// Starts it and waits until it exits: for configurations and conditions that it refuses.
    /// Options may name another --socket or --state-dir.
    Finished run_to_end(std::vector<std::string> const& options = {}) const;
    /// Sends SIGTERM. Returns the exit code.
    int stop();
    void kill() { process_->kill(); }
    void signal(int number) { process_->signal(number); }
    bool running() { return process_ && process_->running(); }
    pid_t pid() const { return process_->pid(); }
    std::string log() const;

    /// Runs scale-backupctl with these arguments and waits for it.
    Finished ctl(std::vector<std::string> const& arguments) const;
    /// The same, without waiting.
    std::unique_ptr<Process> start_ctl(std::vector<std::string> const& arguments) const;
    /// Runs it with `--json`; throws if standard output is not one JSON document.
    json::Document ctl_json(std::vector<std::string> arguments) const;

    std::filesystem::path config() const { return dir_ / "config.toml"; }
    std::filesystem::path socket() const { return dir_ / "control.sock"; }
    std::filesystem::path state_dir() const { return dir_ / "state"; }

private:
    Command command(std::vector<std::string> const& options) const;
    Command ctl_command(std::vector<std::string> const& arguments) const;

    std::filesystem::path dir_;
    std::unique_ptr<Process> process_;
    std::string earlier_log_;
};

}  // namespace sb::test
