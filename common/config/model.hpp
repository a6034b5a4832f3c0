#pragma once
// The configuration as plain values: what config.toml says, checked, with defaults filled in.
// Section and key names are those of docs/config.md. load.hpp makes one from a file; summary.hpp prints one.

#include "common/civil.hpp"
#include "common/config/defaults.hpp"
#include "common/config/words.hpp"
#include "common/hook.hpp"
#include "common/secret.hpp"
#include "common/text/rate_text.hpp"
#include "common/time.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace sb::config {

/// A host name or address and an optional port, as in 'fileserver:4455' or '[fd00::1]:445'.
struct HostPort {
    std::string host;                   ///< without brackets
    std::optional<std::uint16_t> port;  ///< empty = the protocol's own
    bool operator==(HostPort const&) const = default;
};

/// SHA-256 of a DER certificate.
using Fingerprint = std::array<std::uint8_t, 32>;

using sb::CivilDuration;
using sb::TimeOfDay;

struct Smb {
    std::string domain;  ///< may be empty
    std::string username;
    Secret password;
    HostPort host;
    std::string share_name;
    std::filesystem::path local_path;     ///< the share's folder on this machine
    std::filesystem::path password_file;  ///< the password's file; empty = the password is in the config itself
};

struct Scale {
    std::string username;
    Secret password;
    std::vector<HostPort> hosts;  ///< nodes of one cluster, in the order in which they are tried; default port 443
    /// Any of them may be any node's. Empty = not set: the daemon prints what it sees and exits.
    std::vector<Fingerprint> cert_fingerprints;
    std::filesystem::path password_file;  ///< the password's file; empty = the password is in the config itself
};

enum class MailSecurity { none, starttls, tls };
inline constexpr std::array<Word<MailSecurity>, 3> mail_security_words{
    {{"none", MailSecurity::none}, {"starttls", MailSecurity::starttls}, {"tls", MailSecurity::tls}}};

struct Smtp {
    std::string host;
    std::uint16_t port = 25;
    std::string from;
    std::vector<std::string> to;
    std::string username;  ///< empty = no authentication
    Secret password;
    MailSecurity security = MailSecurity::none;
    std::string helo_name;                ///< empty = this machine's full name, else the domain of `from`
    std::filesystem::path password_file;  ///< the password's file; empty = the password is in the config itself
};

struct Schedule {
    std::string tag;      ///< empty = every eligible VM
    int concurrency = 3;  ///< 1 to 3
    std::optional<TimeOfDay> start_time;
    std::optional<TimeOfDay> end_time;  ///< equal to start_time, or neither set = always open
    CivilDuration backup_interval{1, std::chrono::seconds{0}};
    std::optional<int> max_backups;
    std::optional<CivilDuration> max_age;
    std::optional<CivilDuration> tolerance;
    CivilDuration undelete_for{1, std::chrono::seconds{0}};  ///< zero = what is deleted does not wait in the trash
};

struct Hooks {
    /// By HookKind. Each is split at white space; {{Variables}} are replaced after the split. Empty = not set.
    std::array<std::string, all_hooks.size()> commands;
    bool delay_post_backup_when_scheduled = false;
    CivilDuration hook_timeout{0, std::chrono::hours{4}};
    bool pre_backup_must_succeed = false;

    std::string& command(HookKind kind) { return commands[static_cast<std::size_t>(kind)]; }
    std::string const& command(HookKind kind) const { return commands[static_cast<std::size_t>(kind)]; }
};

/// When scheduled verification may run.
enum class VerifyWhen { always, outside_window, inside_window };
inline constexpr std::array<Word<VerifyWhen>, 3> verify_when_words{{{"outside window", VerifyWhen::outside_window},
                                                                    {"inside window", VerifyWhen::inside_window},
                                                                    {"always", VerifyWhen::always}}};

struct Verify {
    bool structure = true;
    bool content = false;
    std::optional<CivilDuration> reread_every;
    Rate max_rate{std::uint64_t{200} << 20};
    VerifyWhen when = VerifyWhen::outside_window;
    int cores = 1;
};

enum class LogLevel { error, warning, info, debug };
inline constexpr std::array<Word<LogLevel>, 4> log_level_words{
    {{"error", LogLevel::error}, {"warning", LogLevel::warning}, {"info", LogLevel::info}, {"debug", LogLevel::debug}}};

struct Daemon {
    std::filesystem::path socket = system_defaults().socket;
    std::string socket_group;       ///< may use scale-backupctl; empty = the daemon's own group
    std::string socket_read_group;  ///< may only read; empty = everyone who can connect may change things
    std::filesystem::path state_dir = system_defaults().state_dir;
    LogLevel log_level = LogLevel::info;
    std::filesystem::path log_file;  ///< empty = standard error
};

/// The predecessor's [Debug].
struct PredecessorDebug {
    std::string log_file;  ///< may be relative
    std::optional<bool> redact_passwords;
};

/// How long the daemon waits. The defaults fit real clusters; docs/config.md says when to change them.
struct Timeouts {
    std::chrono::seconds request{30};                 ///< one request that reads
    std::chrono::seconds submit{120};                 ///< starting an export or import: a real cluster took 12 s
    std::chrono::seconds resolve{180};                ///< finding out whether one was started after its answer was lost
    std::chrono::seconds share_delay{20};             ///< until files that the cluster wrote appear in LocalPath
    std::chrono::seconds cluster_unreachable{43200};  ///< giving up a running export while the cluster does not answer
};

struct Config {
    Smb smb;
    Scale scale;
    std::optional<Smtp> smtp;
    std::optional<Schedule> schedule;
    Hooks hooks;
    Verify verify;
    Daemon daemon;
    std::optional<PredecessorDebug> debug;
    Timeouts timeouts;
};

}  // namespace sb::config
