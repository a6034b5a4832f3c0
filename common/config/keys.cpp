#include "common/config/key.hpp"
#include "common/config/key_table.hpp"

namespace sb::config {
namespace {

constexpr std::string_view predecessor = "predecessor";
constexpr std::string_view or_password_file = "required, or `PasswordFile`";

KeyFacts password_facts(std::string_view help) {
    return {.name = "Password", .help = help, .example = "'change me'", .since = predecessor};
}

KeyFacts password_file_facts(std::string example) {
    return {.name = "PasswordFile",
            .help = "File whose first line is the password, instead of Password",
            .example = std::move(example)};
}

KeySection smb_keys() {
    auto password_key = password_facts("Password of that user");
    password_key.documented_default = or_password_file;
    password_key.in_example = true;
    return KeyTable(&Config::smb, "SMB", "The share that the cluster exports to.")
        .required()
        .add({.name = "Domain",
              .help = "Domain of the user",
              .example = "'CONTOSO'",
              .since = predecessor,
              .absent = "none"},
             &Smb::domain, text("any text"))
        .add({.name = "Username",
              .help = "User with which the cluster logs in to the share",
              .example = "'scale-backup'",
              .since = predecessor,
              .required = true},
             &Smb::username, user_name())
        .add(password_key, &Smb::password, password())
        .add(password_file_facts("'smb.password'"), &Smb::password_file, password_file())
        .add({.name = "Host",
              .help = "The file server as the cluster reaches it; the usual port is 445",
              .example = "'fileserver.example.com'",
              .since = "predecessor; port 0.1",
              .required = true},
             &Smb::host, host(445))
        .add({.name = "ShareName",
              .help = "Name of the share",
              .example = "'ServerBackups'",
              .since = predecessor,
              .required = true},
             &Smb::share_name, share_name())
        .add({.name = "LocalPath",
              .help = "The share's folder on this machine",
              .example = "'/mnt/backups'",
              .since = predecessor,
              .effect = Effect::restart,
              .required = true},
             &Smb::local_path, absolute_path())
        .take();
}

KeySection scale_keys() {
    auto password_key = password_facts("Password of that user");
    password_key.documented_default = or_password_file;
    password_key.in_example = true;
    return KeyTable(&Config::scale, "Scale", "The HyperCore cluster.")
        .required()
        .add({.name = "Username",
              .help = "User with which the daemon logs in to the cluster; a colon is not possible",
              .example = "'backup'",
              .since = predecessor,
              .required = true},
             &Scale::username, user_name())
        .add(password_key, &Scale::password, password())
        .add(password_file_facts("'scale.password'"), &Scale::password_file, password_file())
        .add({.name = "Host",
              .help = "A node of the cluster, or a list of its nodes; the usual port is 443",
              .example = "'scale.cluster.example.com'",
              .since = "predecessor; port and list 0.1",
              .required = true},
             &Scale::hosts, hosts(443))
        .add({.name = "CertFingerprint",
              .help = "Fingerprint of the cluster's certificate, or a list. While it is empty, the daemon prints the "
                      "one it sees and exits",
              .example = "''",
              .since = "predecessor; list 0.1",
              .in_example = true},
             &Scale::cert_fingerprints, fingerprints())
        .take();
}

KeySection smtp_keys() {
    return KeyTable(&Config::smtp, "SMTP", "Where errors and alerts are mailed to.")
        .optional("no email is sent")
        .add({.name = "Host",
              .help = "Mail server",
              .example = "'smtp.example.com'",
              .since = predecessor,
              .required = true},
             &Smtp::host, host_without_port())
        .add({.name = "Port",
              .help = "Its port, usually 587 for 'starttls' and 465 for 'tls'",
              .example = "587",
              .since = predecessor},
             &Smtp::port, whole_number<std::uint16_t>(1, 65535))
        .add({.name = "From",
              .help = "Sender, the bare address without a name",
              .example = "'scale-backup@example.com'",
              .since = predecessor,
              .required = true},
             &Smtp::from, mail_address())
        .add({.name = "To",
              .help = "Recipients",
              .example = "'ops@example.com, boss@example.com'",
              .since = "predecessor; several 0.1",
              .required = true},
             &Smtp::to, mail_addresses())
        .add({.name = "Username",
              .help = "User to log in with; needs a password",
              .example = "'mailer'",
              .absent = "none: no login"},
             &Smtp::username, text("any text"))
        .add({.name = "Password", .help = "Password of that user", .example = "'change me'"}, &Smtp::password,
             password())
        .add(password_file_facts("'smtp.password'"), &Smtp::password_file, password_file())
        .add({.name = "Security", .help = "Encryption", .example = "'starttls'"}, &Smtp::security,
             one_of(mail_security_words))
        .add({.name = "HeloName",
              .help = "Name with which the daemon greets the mail server",
              .example = "'nas1.example.com'",
              .absent = "the full name of the machine, else the domain of From"},
             &Smtp::helo_name, helo_name())
        .take();
}

KeySection schedule_keys() {
    return KeyTable(&Config::schedule, "Schedule", "When backups run automatically and how long they are kept.")
        .optional("nothing is backed up automatically")
        .add({.name = "Tag",
              .help = "Back up only VMs with this tag",
              .example = "'BackMeUp'",
              .since = predecessor,
              .absent = "none: every VM"},
             &Schedule::tag, tag())
        .add({.name = "Concurrency",
              .help = "Exports and imports at the same time; the cluster allows 3",
              .example = "3",
              .since = predecessor,
              .in_example = true},
             &Schedule::concurrency, whole_number(1, 3))
        .add({.name = "StartTime",
              .help = "Start of the backup window",
              .example = "'5:00 PM'",
              .since = predecessor,
              .absent = "always open",
              .in_example = true},
             &Schedule::start_time, time_of_day())
        .add({.name = "EndTime",
              .help = "Its end; earlier than StartTime is on the next day, equal means always open",
              .example = "'6:00 AM'",
              .since = predecessor,
              .absent = "always open",
              .in_example = true},
             &Schedule::end_time, time_of_day())
        .add({.name = "BackupInterval",
              .help = "How often each VM is backed up",
              .example = "'7 days'",
              .since = predecessor,
              .in_example = true},
             &Schedule::backup_interval, duration())
        .add({.name = "MaxBackups",
              .help = "Keep at most this many backups of each VM",
              .example = "7",
              .since = predecessor,
              .absent = "no limit",
              .in_example = true},
             &Schedule::max_backups, whole_number(1, 1'000'000))
        .add({.name = "MaxAge",
              .help = "Delete backups that are older",
              .example = "'30 days'",
              .since = predecessor,
              .absent = "no limit",
              .in_example = true},
             &Schedule::max_age, duration())
        .add({.name = "Tolerance",
              .help = "Send an email when a VM's last backup is older than BackupInterval plus this",
              .example = "'12 hours'"},
             &Schedule::tolerance, duration())
        .add({.name = "UndeleteFor",
              .help = "Deleted backups can be taken back that long, unless an export needs their space; 'off': not at "
                      "all",
              .example = "'7 days'"},
             &Schedule::undelete_for, duration_or_off())
        .take();
}

/// "'/path/to/program {{VMName}} {{LocalPath}}/{{BackupName}}'"
std::string example_of(HookInfo const& hook) {
    std::string text = "'/path/to/program";
    for (auto const name : hook.variables) {
        if (name.empty()) continue;
        text.append(name == hook_variable::backup_name ? "/" : " ").append("{{").append(name).append("}}");
    }
    return text + '\'';
}

KeySection hooks_keys() {
    KeyTable table(
        &Config::hooks, "Hooks",
        "Programs around backups, restores and runs of the schedule. The line is split at white space and is not "
        "evaluated by a shell; {{Variables}} are replaced. Bundled hooks: docs/hooks.md.");
    for (auto const& hook : all_hooks) {
        table.add(
            {.name = hook.name, .help = hook.help, .example = example_of(hook), .since = predecessor, .absent = "none"},
            [kind = hook.kind](auto& hooks) -> auto& { return hooks.command(kind); }, command_line(hook));
    }
    return table
        .add({.name = "DelayPostBackupWhenScheduled",
              .help = "true: after the last export of a run, its PostBackup hooks run one by one",
              .example = "true",
              .since = predecessor},
             &Hooks::delay_post_backup_when_scheduled, truth_value())
        .add({.name = "HookTimeout",
              .help = "End a hook, with all its processes, after this time",
              .example = "'30 minutes'"},
             &Hooks::hook_timeout, duration())
        .add({.name = "PreBackupMustSucceed",
              .help = "true: if PreBackup fails, the backup fails and is tried again within the window",
              .example = "true"},
             &Hooks::pre_backup_must_succeed, truth_value())
        .take();
}

KeySection verify_keys() {
    return KeyTable(&Config::verify, "Verify", "How backups are verified after they were made: docs/verification.md.")
        .add({.name = "Structure",
              .help = "true: check backups whose structure was never checked, for example adopted ones",
              .example = "true"},
             &Verify::structure, truth_value())
        .add({.name = "Content",
              .help = "true: read every new backup once and store its checksums beside the manifest",
              .example = "true"},
             &Verify::content, truth_value())
        .add({.name = "RereadEvery",
              .help = "Read a backup again and compare its checksums when it was last verified before that time",
              .example = "'30 days'",
              .absent = "never"},
             &Verify::reread_every, duration())
        .add({.name = "MaxRate", .help = "Read at most this fast", .example = "'50 MiB/s'"}, &Verify::max_rate, rate())
        .add({.name = "When",
              .help = "When scheduled verification may run, relative to the backup window",
              .example = "'always'"},
             &Verify::when, one_of(verify_when_words))
        .add({.name = "Cores", .help = "CPU cores that compute checksums", .example = "4"}, &Verify::cores,
             whole_number(1, 64))
        .take();
}

KeySection daemon_keys() {
    return KeyTable(&Config::daemon, "Daemon", "Where the daemon keeps its files. The defaults fit the system.")
        .add({.name = "Socket",
              .help = "Control socket that scale-backupctl connects to",
              .example = "'/run/backup/control.sock'",
              .documented_default = "Linux `/run/scale-backup/control.sock`, FreeBSD "
                                    "`/var/run/scale-backup/control.sock`, Windows a named pipe",
              .effect = Effect::restart},
             &Daemon::socket, socket_path())
        .add({.name = "SocketGroup",
              .help = "Group whose members may use scale-backupctl",
              .example = "'scale-backup'",
              .absent = "the daemon's own group",
              .effect = Effect::restart},
             &Daemon::socket_group, text("the name of a group of this machine"))
        .add({.name = "SocketReadGroup",
              .help = "Group whose members may only read",
              .example = "'backup-viewers'",
              .absent = "none: everyone who can connect may change things",
              .effect = Effect::restart},
             &Daemon::socket_read_group, text("the name of a group of this machine"))
        .add({.name = "StateDir",
              .help = "Folder of the journal",
              .example = "'/srv/scale-backup'",
              .documented_default = "Linux `/var/lib/scale-backup`, FreeBSD `/var/db/scale-backup`, Windows "
                                    "`C:\\ProgramData\\scale-backup\\state`",
              .effect = Effect::restart},
             &Daemon::state_dir, absolute_path())
        .add({.name = "LogLevel", .help = "What is logged", .example = "'debug'"}, &Daemon::log_level,
             one_of(log_level_words))
        .add({.name = "LogFile",
              .help = "Log file",
              .example = "'/var/log/scale-backup.log'",
              .absent = "standard error"},
             &Daemon::log_file, absolute_path())
        .take();
}

KeySection debug_keys() {
    return KeyTable(&Config::debug, "Debug", "A section of the predecessor, accepted so that its file works unchanged.")
        .optional("")
        .obsolete()
        .add({.name = "LogFile",
              .help = "Used as [Daemon] LogFile if it is an absolute path and that is not set, else ignored",
              .example = "'/var/log/scale-backup.log'",
              .since = predecessor,
              .effect = Effect::none},  // [Daemon] LogFile is compared
             &PredecessorDebug::log_file, text("a path"))
        .add({.name = "RedactPasswords",
              .help = "No effect: passwords are never logged",
              .example = "true",
              .since = predecessor,
              .absent = "no effect",
              .effect = Effect::none},
             &PredecessorDebug::redact_passwords, truth_value())
        .take();
}

KeySection timeouts_keys() {
    return KeyTable(&Config::timeouts, "Timeouts",
                    "How long the daemon waits, in seconds. The defaults fit real clusters; shorter ones make it give "
                    "up too early.")
        .add({.name = "Request", .help = "One request that reads; twice as long with its retries", .example = "60"},
             &Timeouts::request, seconds(1, 600))
        .add({.name = "Submit",
              .help = "Starting an export or import; a real cluster took 12 seconds",
              .example = "300"},
             &Timeouts::submit, seconds(1, 3600))
        .add({.name = "Resolve",
              .help = "Finding out whether an export or import started after its answer was lost",
              .example = "600"},
             &Timeouts::resolve, seconds(1, 86400))
        .add({.name = "ShareDelay", .help = "Until files that the cluster wrote appear in LocalPath", .example = "60"},
             &Timeouts::share_delay, seconds(1, 3600))
        .add({.name = "ClusterUnreachable",
              .help = "Giving up a running export while the cluster does not answer",
              .example = "86400"},
             &Timeouts::cluster_unreachable, seconds(1, 604800))
        .take();
}

}  // namespace

std::span<KeySection const> all_sections() {
    static std::vector<KeySection> const sections{smb_keys(),      scale_keys(), smtp_keys(),
                                                  schedule_keys(), hooks_keys(), verify_keys(),
                                                  daemon_keys(),   debug_keys(), timeouts_keys()};
    return sections;
}

Key const* KeySection::find(std::string_view key) const {
    for (auto const& known : keys)
        if (known.name == key) return &known;
    return nullptr;
}

KeySection const* find_section(std::string_view name) {
    for (auto const& known : all_sections())
        if (known.name == name) return &known;
    return nullptr;
}

Key const* find_key(std::string_view section, std::string_view key) {
    auto const* known = find_section(section);
    return known == nullptr ? nullptr : known->find(key);
}

}  // namespace sb::config
