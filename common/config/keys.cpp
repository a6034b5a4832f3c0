#include "common/config/keys.hpp"

#include "common/text/duration_text.hpp"
#include "common/text/time_of_day.hpp"

#include <array>

namespace sb::config {
namespace {

constexpr auto text = KeyType::text;
constexpr auto text_or_list = KeyType::text_or_list;
constexpr auto integer = KeyType::integer;
constexpr auto boolean = KeyType::boolean;
constexpr bool required = true;
constexpr bool optional = false;
constexpr bool secret = true;
constexpr bool shown = false;

constexpr std::string_view host = "a host name or IP address, with or without a port: 'host', 'host:port', '[v6]:port'";
constexpr std::string_view node_hosts =
    "a host name or IP address, with or without a port: 'host', 'host:port', '[v6]:port'; or a list of them, one for "
    "each node";
constexpr std::string_view password_file = "the path of a readable file whose first line is the password";
constexpr std::string_view job_hook =
    "an absolute path of a program and its arguments; known variables are {{VMName}}, {{LocalPath}}, {{BackupName}}";
constexpr std::string_view restore_hook =
    "an absolute path of a program and its arguments; known variables are {{NewVMName}}, {{LocalPath}}, {{BackupName}}";
constexpr std::string_view schedule_hook =
    "an absolute path of a program and its arguments; the only known variable is {{LocalPath}}";

constexpr std::array sections{
    SectionRule{"SMB", required},      SectionRule{"Scale", required}, SectionRule{"SMTP", optional},
    SectionRule{"Schedule", optional}, SectionRule{"Hooks", optional}, SectionRule{"Verify", optional},
    SectionRule{"Daemon", optional},   SectionRule{"Debug", optional}, SectionRule{"Timeouts", optional},
};

constexpr std::array keys{
    KeyRule{"SMB", "Domain", text, optional, shown, "a string"},
    KeyRule{"SMB", "Username", text, required, shown, "a string that is not empty"},
    KeyRule{"SMB", "Password", text, optional, secret, "a string that is not empty"},
    KeyRule{"SMB", "PasswordFile", text, optional, shown, password_file},
    KeyRule{"SMB", "Host", text, required, shown, host},
    KeyRule{"SMB", "ShareName", text, required, shown, "the name of the share, without '/' and '\\'"},
    KeyRule{"SMB", "LocalPath", text, required, shown, "an absolute path"},

    KeyRule{"Scale", "Username", text, required, shown, "a string that is not empty"},
    KeyRule{"Scale", "Password", text, optional, secret, "a string that is not empty"},
    KeyRule{"Scale", "PasswordFile", text, optional, shown, password_file},
    KeyRule{"Scale", "Host", text_or_list, required, shown, node_hosts},
    KeyRule{"Scale", "CertFingerprint", text_or_list, optional, shown,
            "a SHA-256 fingerprint: 64 hexadecimal digits in upper or lower case, with a colon after every second one "
            "or none; or a list of them; or '' for not set"},

    KeyRule{"SMTP", "Host", text, required, shown, "a host name or IP address"},
    KeyRule{"SMTP", "Port", integer, optional, shown, "a whole number from 1 to 65535"},
    KeyRule{"SMTP", "From", text, required, shown, "one mail address, as in 'backups@example.com'"},
    KeyRule{"SMTP", "To", text_or_list, required, shown,
            "mail addresses: one, several with commas between them, or a list of strings"},
    KeyRule{"SMTP", "Username", text, optional, shown, "a string"},
    KeyRule{"SMTP", "Password", text, optional, secret, "a string that is not empty"},
    KeyRule{"SMTP", "PasswordFile", text, optional, shown, password_file},
    KeyRule{"SMTP", "Security", text, optional, shown, "'none', 'starttls' or 'tls'"},

    KeyRule{"Schedule", "Tag", text, optional, shown, "one tag of the cluster, without a comma"},
    KeyRule{"Schedule", "Concurrency", integer, optional, shown, "a whole number from 1 to 3"},
    KeyRule{"Schedule", "StartTime", text, optional, shown, time_of_day_forms},
    KeyRule{"Schedule", "EndTime", text, optional, shown, time_of_day_forms},
    KeyRule{"Schedule", "BackupInterval", text, optional, shown, duration_forms},
    KeyRule{"Schedule", "MaxBackups", integer, optional, shown, "a whole number from 1 to 1000000"},
    KeyRule{"Schedule", "MaxAge", text, optional, shown, duration_forms},
    KeyRule{"Schedule", "Tolerance", text, optional, shown, duration_forms},

    KeyRule{"Hooks", "PreBackup", text, optional, shown, job_hook},
    KeyRule{"Hooks", "PostBackup", text, optional, shown, job_hook},
    KeyRule{"Hooks", "PreRestore", text, optional, shown, restore_hook},
    KeyRule{"Hooks", "PostRestore", text, optional, shown, restore_hook},
    KeyRule{"Hooks", "PreSchedule", text, optional, shown, schedule_hook},
    KeyRule{"Hooks", "PostSchedule", text, optional, shown, schedule_hook},
    KeyRule{"Hooks", "DelayPostBackupWhenScheduled", boolean, optional, shown, "true or false"},
    KeyRule{"Hooks", "HookTimeout", text, optional, shown, duration_forms},
    KeyRule{"Hooks", "PreBackupMustSucceed", boolean, optional, shown, "true or false"},

    KeyRule{"Verify", "Structure", boolean, optional, shown, "true or false"},
    KeyRule{"Verify", "Content", boolean, optional, shown, "true or false"},
    KeyRule{"Verify", "RereadEvery", text, optional, shown, duration_forms},
    KeyRule{"Verify", "MaxRate", text, optional, shown,
            "bytes a second with a unit, as in '200 MiB/s', or 'unlimited'"},
    KeyRule{"Verify", "When", text, optional, shown, "'outside window', 'inside window' or 'always'"},
    KeyRule{"Verify", "Cores", integer, optional, shown, "a whole number from 1 to 64"},

    KeyRule{"Daemon", "Socket", text, optional, shown, "an absolute path"},
    KeyRule{"Daemon", "SocketGroup", text, optional, shown, "the name of a group of this machine"},
    KeyRule{"Daemon", "SocketReadGroup", text, optional, shown, "the name of a group of this machine"},
    KeyRule{"Daemon", "StateDir", text, optional, shown, "an absolute path"},
    KeyRule{"Daemon", "LogLevel", text, optional, shown, "'error', 'warning', 'info' or 'debug'"},
    KeyRule{"Daemon", "LogFile", text, optional, shown, "an absolute path"},

    KeyRule{"Debug", "LogFile", text, optional, shown, "a path"},
    KeyRule{"Debug", "RedactPasswords", boolean, optional, shown, "true or false"},

    KeyRule{"Timeouts", "Request", integer, optional, shown, "seconds, a whole number from 1 to 600"},
    KeyRule{"Timeouts", "Submit", integer, optional, shown, "seconds, a whole number from 1 to 3600"},
    KeyRule{"Timeouts", "Resolve", integer, optional, shown, "seconds, a whole number from 1 to 86400"},
    KeyRule{"Timeouts", "ShareDelay", integer, optional, shown, "seconds, a whole number from 1 to 3600"},
    KeyRule{"Timeouts", "ClusterUnreachable", integer, optional, shown, "seconds, a whole number from 1 to 604800"},
};

}  // namespace

std::span<KeyRule const> known_keys() { return keys; }
std::span<SectionRule const> known_sections() { return sections; }

KeyRule const* find_key(std::string_view section, std::string_view key) {
    for (auto const& rule : keys) {
        if (rule.section == section && rule.key == key) return &rule;
    }
    return nullptr;
}

std::vector<std::string_view> keys_of(std::string_view section) {
    std::vector<std::string_view> names;
    for (auto const& rule : keys) {
        if (rule.section == section) names.push_back(rule.key);
    }
    return names;
}

std::vector<std::string_view> sections_with(std::string_view key) {
    std::vector<std::string_view> names;
    for (auto const& rule : keys) {
        if (rule.key == key) names.push_back(rule.section);
    }
    return names;
}

}  // namespace sb::config
