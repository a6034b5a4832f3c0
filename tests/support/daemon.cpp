#include "tests/support/daemon.hpp"

#include "tests/support/simulator.hpp"

#include <algorithm>
#include <cstdio>
#include <stdexcept>

namespace sb::test {

std::string toml_string(std::string_view text) {
    std::string result = "\"";
    for (char const c : text) {
        if (c == '"' || c == '\\') {
            result += '\\';
            result += c;
        } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
            char escape[8];
            std::snprintf(escape, sizeof escape, "\\u%04X", static_cast<unsigned>(c));
            result += escape;
        } else {
            result += c;
        }
    }
    return result + "\"";
}

std::string config_text(DaemonSettings const& s) {
    auto const line = [](char const* key, std::string const& value) {
        return std::string(key) + " = " + toml_string(value) + "\n";
    };
    auto const list = [&](char const* key, std::string const& first, std::vector<std::string> const& more) {
        if (more.empty()) return line(key, first);
        std::string text = std::string(key) + " = [" + toml_string(first);
        for (auto const& value : more) text += ", " + toml_string(value);
        return text + "]\n";
    };
    return "[SMB]\n" + (s.smb_domain.empty() ? std::string() : line("Domain", s.smb_domain)) +
           line("Username", s.smb_user) + line("Password", s.smb_password) + line("Host", s.smb_host) +
           line("ShareName", s.share) + line("LocalPath", s.local_path.string()) + "\n[Scale]\n" +
           line("Username", s.cluster_user) + line("Password", s.cluster_password) +
           list("Host", s.cluster_host, s.more_hosts) + list("CertFingerprint", s.fingerprint, s.more_fingerprints) +
           "\n" + s.more;
}

Daemon::Daemon(std::filesystem::path dir, DaemonSettings values) : settings(std::move(values)), dir_(std::move(dir)) {
    write_config();
}

void Daemon::write_config() const {
    write_file(config(), config_text(settings));
    std::filesystem::permissions(config(), std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

Command Daemon::command(std::vector<std::string> const& options) const {
    Command result{.argv = {built_program("scale-backupd")}, .environment = settings.environment};
    auto const add = [&](std::string const& name, std::string const& value) {
        if (std::find(options.begin(), options.end(), name) == options.end())
            result.argv.insert(result.argv.end(), {name, value});
    };
    add("--config", config().string());
    add("--socket", socket().string());
    add("--state-dir", state_dir().string());
    add("--log-level", "debug");
    result.argv.insert(result.argv.end(), options.begin(), options.end());
    return result;
}

void Daemon::start() {
    write_config();
    earlier_log_ = log();
    process_ = std::make_unique<Process>(command({}));
    bool answers = false;
    wait_until([&] {
        answers = ctl({"jobs"}).code == 0 && process_->running();
        return answers || !process_->running();
    });
    if (!answers) throw std::runtime_error("scale-backupd does not start: " + log());
}

Finished Daemon::run_to_end(std::vector<std::string> const& options) const { return run(command(options)); }

int Daemon::stop() { return process_->stop().code; }

std::string Daemon::log() const {
    return earlier_log_ + (process_ ? process_->out() + process_->err() : std::string());
}

Command Daemon::ctl_command(std::vector<std::string> const& arguments) const {
    Command result{.argv = {built_program("scale-backupctl"), "--socket", socket().string()}};
    result.argv.insert(result.argv.end(), arguments.begin(), arguments.end());
    return result;
}

Finished Daemon::ctl(std::vector<std::string> const& arguments) const {
    return run(ctl_command(arguments), std::chrono::seconds{60});
}

std::unique_ptr<Process> Daemon::start_ctl(std::vector<std::string> const& arguments) const {
    return std::make_unique<Process>(ctl_command(arguments));
}

json::Document Daemon::ctl_json(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "--json");
    auto const done = ctl(arguments);
    auto document = json::Document::parse(done.out);
    if (!document) throw std::runtime_error("not JSON: " + document.error().context + ": " + done.out + done.err);
    return std::move(*document);
}

}  // namespace sb::test
