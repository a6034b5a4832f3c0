#pragma once
// scale-backupd and scale-backupctl as child processes.

#include "common/json/document.hpp"
#include "tests/support/process.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace sb::test {

/// The values of a config.toml, true ones by default only where no test cares.
struct DaemonSettings {
    std::string smb_domain = "CONTOSO", smb_user = "JohnDoe", smb_password = "pa$$w0rd";
    std::string smb_host, share = "ServerBackups";
    std::filesystem::path local_path;
    std::string cluster_user = "admin", cluster_password = "P@ssword";
    std::string cluster_host, fingerprint;
    std::vector<std::string> more_hosts = {}, more_fingerprints = {};  ///< of further nodes: then both are lists
    std::string more;                                                  ///< further TOML, at the end
    /// Of scale-backupd, on top of ours: time zones and false clocks.
    std::vector<std::pair<std::string, std::string>> environment = {};
};

/// A TOML string that holds any text.
std::string toml_string(std::string_view text);
std::string config_text(DaemonSettings const& settings);

class Daemon {
public:
    /// Writes the config into `dir` and starts nothing yet.
    Daemon(std::filesystem::path dir, DaemonSettings settings);

    DaemonSettings settings;  ///< changes are written by the next start() or write_config()
    void write_config() const;

    /// Starts it and waits until the control endpoint answers. Throws with its log if it ends before.
    void start();
    /// Starts it and waits for its end: for configs and circumstances that it refuses.
    /// Options may name another --socket or --state-dir.
    Finished run_to_end(std::vector<std::string> const& options = {}) const;
    /// SIGTERM. The exit code.
    int stop();
    void kill() { process_->kill(); }
    void signal(int number) { process_->signal(number); }
    bool running() { return process_ && process_->running(); }
    pid_t pid() const { return process_->pid(); }
    std::string log() const;

    /// scale-backupctl with these arguments, to its end.
    Finished ctl(std::vector<std::string> const& arguments) const;
    /// The same, still running.
    std::unique_ptr<Process> start_ctl(std::vector<std::string> const& arguments) const;
    /// `--json` put in front; throws if standard output is not one JSON document.
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
