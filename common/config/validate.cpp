#include "common/config/validate.hpp"

#include "common/config/defaults.hpp"
#include "common/config/file_access.hpp"
#include "common/config/fingerprint.hpp"
#include "common/config/keys.hpp"
#include "common/config/section_reader.hpp"
#include "common/config/text_file.hpp"
#include "common/config/values.hpp"
#include "common/text/duration_text.hpp"
#include "common/text/rate_text.hpp"
#include "common/text/suggestion.hpp"
#include "common/text/time_of_day.hpp"

#include <algorithm>
#include <array>

namespace sb::config {
namespace {

/// Takes the value if there is one; else the default stays.
template <class Target, class Given>
void set(Target& target, std::optional<Given> given) {
    if (given) target = *std::move(given);
}

template <class Choice, std::size_t N>
auto one_of(std::array<std::pair<std::string_view, Choice>, N> const& choices) {
    return [choices](std::string const& text) -> Result<Choice> {
        std::vector<std::string_view> words;
        for (auto const& [word, choice] : choices) {
            if (word == text) return choice;
            words.push_back(word);
        }
        auto const meant = nearest_word(text, words);
        return Error{Errc::invalid_config,
                     "unknown" + (meant ? " (did you mean '" + std::string(*meant) + "'?)" : std::string())};
    };
}

class Validation {
public:
    Validation(Source const& source, Loaded& loaded) : source_(source), loaded_(loaded) {}

    void run() {
        check_section_names();
        read_smb();
        read_scale();
        read_smtp();
        read_schedule();
        read_hooks();
        read_verify();
        read_daemon();
        read_debug();
        read_timeouts();
        refuse_open_files();
        sort_by_place(loaded_.problems);
    }

private:
    SectionReader section(std::string_view name) { return SectionReader(source_, name, loaded_.problems); }

    void check_section_names() {
        std::vector<std::string_view> known;
        for (auto const& rule : known_sections()) known.push_back(rule.name);
        for (auto const& found : source_.sections) {
            if (std::ranges::find(known, found.name) != known.end()) continue;
            auto const belongs_to = sections_with(found.name);
            std::string text = "unknown section";
            if (!found.is_table && !belongs_to.empty()) {
                text =
                    "this key stands outside its section; it belongs below [" + std::string(belongs_to.front()) + "]";
            } else if (auto const meant = nearest_word(found.name, known)) {
                text += "; did you mean [" + std::string(*meant) + "]?";
            } else {
                text += "; known are [SMB], [Scale], [SMTP], [Schedule], [Hooks], [Verify], [Daemon] and [Timeouts]";
            }
            loaded_.problems.push_back(
                Problem{source_.file, found.place.line, found.place.column, printable(found.name), std::move(text)});
        }
    }

    /// A bare file name is a credential of the service manager's, if there is one of that name (systemd's
    /// LoadCredential=).
    std::filesystem::path place_of_password_file(std::filesystem::path const& named) const {
        bool const bare = !named.has_parent_path();
        if (bare && !source_.credentials.empty()) {
            auto const credential = source_.credentials / named;
            std::error_code ignored;
            if (std::filesystem::exists(credential, ignored)) return credential;
        }
        return source_.folder / named;
    }

    /// From Password or PasswordFile, whichever stands there.
    void read_password(SectionReader& from, bool required, Secret& password, std::filesystem::path& file) {
        bool const given = from.is_set("Password");
        bool const in_file = from.is_set("PasswordFile");
        auto text = from.text("Password");
        if (text) {
            password = Secret(*std::move(text));
            config_holds_password_ = true;
        }
        auto const path = from.text("PasswordFile");
        if (given && in_file) {
            from.report("PasswordFile", "Password and PasswordFile exclude each other: keep one of them");
            return;
        }
        if (path) {
            file = place_of_password_file(path_from_utf8(*path));
            auto read = read_password_file(file);
            if (read) {
                password = *std::move(read);
                password_files_.push_back(file);
            } else {
                from.bad_value("PasswordFile", *path, read.error());
            }
        }
        if (!required || given || in_file || !from.present()) return;
        from.report("Password", from.has("Password") ? "this must not be empty; PasswordFile = 'path' is allowed too"
                                                     : "this key is missing; PasswordFile = 'path' is allowed too");
    }

    void read_smb() {
        auto from = section("SMB");
        auto& smb = loaded_.config.smb;
        set(smb.domain, from.text("Domain"));
        set(smb.username, from.text("Username"));
        read_password(from, true, smb.password, smb.password_file);
        set(smb.host, from.parsed("Host", parse_host_port));
        set(smb.share_name, from.parsed("ShareName", parse_share_name));
        set(smb.local_path, from.parsed("LocalPath", parse_absolute_path));
    }

    void read_scale() {
        auto from = section("Scale");
        auto& scale = loaded_.config.scale;
        set(scale.username, from.text("Username"));
        if (scale.username.find(':') != std::string::npos) {
            // Basic authentication ends the user name at the first colon (RFC 7617).
            from.report("Username", "the cluster's log-in cannot carry a user name with a colon");
        }
        read_password(from, true, scale.password, scale.password_file);
        for (auto const& [text, place] : from.texts("Host")) {
            auto const host = parse_host_port(text);
            Error const twice{Errc::invalid_config, "this node stands there twice"};
            if (!host) {
                from.bad_value("Host", text, host.error(), place);
            } else if (std::ranges::find(scale.hosts, *host) != scale.hosts.end()) {
                from.bad_value("Host", text, twice, place);
            } else {
                scale.hosts.push_back(*host);
            }
        }
        for (auto const& [text, place] : from.texts("CertFingerprint")) {
            if (text.find_first_not_of(" \t") == std::string::npos) continue;
            auto const fingerprint = parse_fingerprint(text);
            if (!fingerprint) {
                from.bad_value("CertFingerprint", text, fingerprint.error(), place);
            } else if (std::ranges::find(scale.cert_fingerprints, *fingerprint) == scale.cert_fingerprints.end()) {
                scale.cert_fingerprints.push_back(*fingerprint);
            }
        }
    }

    void read_smtp() {
        auto from = section("SMTP");
        if (!from.present()) return;
        auto& smtp = loaded_.config.smtp.emplace();
        auto const host = from.parsed("Host", [](std::string const& text) -> Result<std::string> {
            auto const parts = parse_host_port(text);
            if (!parts) return parts.error();
            if (parts->port)
                return Error{Errc::invalid_config,
                             "the port has a key of its own: Port = " + std::to_string(*parts->port)};
            return parts->host;
        });
        set(smtp.host, host);
        if (auto const port = from.integer("Port", 1, 65535)) smtp.port = static_cast<std::uint16_t>(*port);
        set(smtp.from, from.parsed("From", parse_mail_address));
        for (auto const& [text, place] : from.texts("To")) {
            auto const addresses = parse_mail_addresses(text);
            if (addresses) {
                smtp.to.insert(smtp.to.end(), addresses->begin(), addresses->end());
            } else {
                from.bad_value("To", text, addresses.error(), place);
            }
        }
        set(smtp.username, from.text("Username"));
        read_password(from, from.is_set("Username"), smtp.password, smtp.password_file);
        bool const with_password = from.is_set("Password") || from.is_set("PasswordFile");
        if (with_password && !from.is_set("Username")) {
            from.report("Username", "this key is missing: a password needs a user name");
        }
        constexpr std::array<std::pair<std::string_view, MailSecurity>, 3> choices{
            {{"none", MailSecurity::none}, {"starttls", MailSecurity::starttls}, {"tls", MailSecurity::tls}}};
        set(smtp.security, from.parsed("Security", one_of(choices)));
        if (with_password && smtp.security == MailSecurity::none) {
            warn(source_.file, "SMTP.Security",
                 "without 'starttls' or 'tls' the password goes over the net in the clear");
        }
    }

    void read_schedule() {
        auto from = section("Schedule");
        if (!from.present()) return;
        auto& schedule = loaded_.config.schedule.emplace();
        if (auto tag = from.parsed("Tag", parse_tag); tag && !tag->empty()) schedule.tag = *std::move(tag);
        set(schedule.concurrency, from.integer("Concurrency", 1, 3));
        set(schedule.start_time, from.parsed("StartTime", parse_time_of_day));
        set(schedule.end_time, from.parsed("EndTime", parse_time_of_day));
        if (from.is_set("StartTime") != from.is_set("EndTime")) {
            from.report(from.is_set("StartTime") ? "EndTime" : "StartTime",
                        "this key is missing: a window needs StartTime and EndTime; without both it is always open");
        }
        set(schedule.backup_interval, from.parsed("BackupInterval", parse_duration));
        set(schedule.max_backups, from.integer("MaxBackups", 1, 1'000'000));
        set(schedule.max_age, from.parsed("MaxAge", parse_duration));
        set(schedule.tolerance, from.parsed("Tolerance", parse_duration));
    }

    void read_hooks() {
        auto from = section("Hooks");
        auto& hooks = loaded_.config.hooks;
        constexpr std::array<std::string_view, 3> backup{"VMName", "LocalPath", "BackupName"};
        constexpr std::array<std::string_view, 3> restore{"NewVMName", "LocalPath", "BackupName"};
        constexpr std::array<std::string_view, 1> run{"LocalPath"};
        auto const knowing = [](std::span<std::string_view const> variables) {
            return [variables](std::string const& text) { return parse_hook(text, variables); };
        };
        set(hooks.pre_backup, from.parsed("PreBackup", knowing(backup)));
        set(hooks.post_backup, from.parsed("PostBackup", knowing(backup)));
        set(hooks.pre_restore, from.parsed("PreRestore", knowing(restore)));
        set(hooks.post_restore, from.parsed("PostRestore", knowing(restore)));
        set(hooks.pre_schedule, from.parsed("PreSchedule", knowing(run)));
        set(hooks.post_schedule, from.parsed("PostSchedule", knowing(run)));
        set(hooks.delay_post_backup_when_scheduled, from.boolean("DelayPostBackupWhenScheduled"));
        set(hooks.hook_timeout, from.parsed("HookTimeout", parse_duration));
        set(hooks.pre_backup_must_succeed, from.boolean("PreBackupMustSucceed"));
    }

    void read_verify() {
        auto from = section("Verify");
        auto& verify = loaded_.config.verify;
        set(verify.structure, from.boolean("Structure"));
        set(verify.content, from.boolean("Content"));
        set(verify.reread_every, from.parsed("RereadEvery", parse_duration));
        if (auto const rate = from.parsed("MaxRate", parse_rate)) verify.max_rate = rate->bytes_per_second;
        constexpr std::array<std::pair<std::string_view, VerifyWhen>, 3> choices{
            {{"outside window", VerifyWhen::outside_window},
             {"inside window", VerifyWhen::inside_window},
             {"always", VerifyWhen::always}}};
        set(verify.when, from.parsed("When", one_of(choices)));
        set(verify.cores, from.integer("Cores", 1, 64));
    }

    void read_daemon() {
        auto from = section("Daemon");
        auto& daemon = loaded_.config.daemon;
        auto const system = system_defaults();
        daemon.socket = system.socket;
        daemon.state_dir = system.state_dir;
        set(daemon.socket, from.parsed("Socket", [&](std::string const& text) -> Result<std::filesystem::path> {
            if (text.size() > system.longest_socket_path) {
                return Error{Errc::invalid_config,
                             "the system takes at most " + std::to_string(system.longest_socket_path) + " bytes here"};
            }
            return parse_absolute_path(text);
        }));
        set(daemon.socket_group, from.text("SocketGroup"));
        set(daemon.socket_read_group, from.text("SocketReadGroup"));
        set(daemon.state_dir, from.parsed("StateDir", parse_absolute_path));
        constexpr std::array<std::pair<std::string_view, LogLevel>, 4> choices{{{"error", LogLevel::error},
                                                                                {"warning", LogLevel::warning},
                                                                                {"info", LogLevel::info},
                                                                                {"debug", LogLevel::debug}}};
        set(daemon.log_level, from.parsed("LogLevel", one_of(choices)));
        set(daemon.log_file, from.parsed("LogFile", parse_absolute_path));
    }

    /// A section of the predecessor's: what has become of it is said.
    void read_debug() {
        auto from = section("Debug");
        if (!from.present()) return;
        auto& log_file = loaded_.config.daemon.log_file;
        if (auto const file = from.text("LogFile")) {
            auto const path = parse_absolute_path(*file);
            std::string fate = "taken as [Daemon] LogFile";
            if (!path)
                fate =
                    "ignored: it is no absolute path, and a daemon has no folder of its own; the log is in [Daemon] "
                    "LogFile";
            else if (!log_file.empty()) fate = "ignored: [Daemon] LogFile is set";
            else log_file = *path;
            note("Debug.LogFile", fate);
        }
        if (from.boolean("RedactPasswords")) note("Debug.RedactPasswords", "has no effect: passwords are never logged");
    }

    void note(std::string const& key, std::string const& text) {
        loaded_.warnings.push_back(Problem{source_.file, 0, 0, key, "note: " + text});
    }

    void read_timeouts() {
        auto from = section("Timeouts");
        auto& timeouts = loaded_.config.timeouts;
        auto const read = [&from](std::string_view key, int most, std::chrono::seconds& into) {
            if (auto const seconds = from.integer(key, 1, most)) into = std::chrono::seconds(*seconds);
        };
        read("Request", 600, timeouts.request);
        read("Submit", 3600, timeouts.submit);
        read("Resolve", 86400, timeouts.resolve);
        read("ShareDelay", 3600, timeouts.share_delay);
        read("ClusterUnreachable", 604800, timeouts.cluster_unreachable);
    }

    /// The predecessor took a configuration that everybody could read without a word.
    void refuse_open_files() {
        refuse_if_open(path_from_utf8(source_.file), config_holds_password_,
                       "they could have the daemon run any program as a hook");
        for (auto const& file : password_files_) refuse_if_open(file, true, "they could put in a password of theirs");
    }

    void refuse_if_open(std::filesystem::path const& file, bool holds_password, std::string_view what_if_changed) {
        auto const open_to_all = exposure_of(file);
        std::string text;
        if (open_to_all.readable && holds_password) text = "every user can read this file, and it holds a password";
        if (open_to_all.writable)
            text += std::string(text.empty() ? "" : "; ") +
                    "every user can change this file: " + std::string(what_if_changed);
        if (text.empty()) return;
        loaded_.problems.push_back(
            Problem{utf8_of(file), 0, 0, "", text + "; mend it with: " + command_that_closes(file)});
    }

    void warn(std::string const& file, std::string const& key, std::string const& text) {
        loaded_.warnings.push_back(Problem{file, 0, 0, key, "warning: " + text});
    }

    Source const& source_;
    Loaded& loaded_;
    bool config_holds_password_ = false;
    std::vector<std::filesystem::path> password_files_;
};

}  // namespace

void validate(Source const& source, Loaded& loaded) { Validation(source, loaded).run(); }

}  // namespace sb::config
