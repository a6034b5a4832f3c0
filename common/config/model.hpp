#pragma once
// The configuration as plain values: what config.toml says, checked, with defaults filled in.
// Section and key names are those of docs/config.md. load.hpp makes one from a file; summary.hpp prints one.

#include "common/civil.hpp"
#include "common/secret.hpp"
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
    std::filesystem::path password_file;  ///< where the password came from; empty = from the config itself
};

struct Scale {
    std::string username;
    Secret password;
    std::vector<HostPort> hosts;  ///< nodes of one cluster, in the order in which they are tried; default port 443
    /// Any of them may be any node's. Empty = not set: the daemon prints what it detects and ends.
    std::vector<Fingerprint> cert_fingerprints;
    std::filesystem::path password_file;  ///< where the password came from; empty = from the config itself
};

enum class MailSecurity { none, starttls, tls };

struct Smtp {
    std::string host;
    std::uint16_t port = 25;
    std::string from;
    std::vector<std::string> to;
    std::string username;  ///< empty = no authentication
    Secret password;
    MailSecurity security = MailSecurity::none;
    std::filesystem::path password_file;  ///< where the password came from; empty = from the config itself
};

struct Schedule {
    std::optional<std::string> tag;  ///< empty = every eligible VM
    int concurrency = 3;             ///< 1 to 3
    TimeOfDay start_time{0};
    TimeOfDay end_time{0};  ///< equal to start_time = always open
    CivilDuration backup_interval{1, std::chrono::seconds{0}};
    std::optional<int> max_backups;
    std::optional<CivilDuration> max_age;
    std::optional<CivilDuration> tolerance;
};

struct Hooks {
    // Each is split on white space; {{Variables}} are replaced after the split. Empty = not set.
    std::string pre_backup, post_backup, pre_restore, post_restore, pre_schedule, post_schedule;
    bool delay_post_backup_when_scheduled = false;
    CivilDuration hook_timeout{0, std::chrono::hours{4}};
    bool pre_backup_must_succeed = false;
};

/// When the daemon may read backups by itself.
enum class VerifyWhen { always, outside_window, inside_window };

struct Verify {
    bool structure = true;
    bool content = false;
    std::optional<CivilDuration> reread_every;
    std::optional<std::uint64_t> max_rate = std::uint64_t{200} << 20;  ///< bytes a second; empty = as fast as it goes
    VerifyWhen when = VerifyWhen::outside_window;
    int cores = 1;
};

enum class LogLevel { error, warning, info, debug };

struct Daemon {
    std::filesystem::path socket;
    std::string socket_group;       ///< may use scale-backupctl; empty = the daemon's own group
    std::string socket_read_group;  ///< may only look; empty = whoever can connect may change things
    std::filesystem::path state_dir;
    LogLevel log_level = LogLevel::info;
    std::filesystem::path log_file;  ///< empty = standard error
};

/// How long the daemon waits for what. The defaults fit real clusters; docs/config.md says when to change them.
struct Timeouts {
    std::chrono::seconds request{30};        ///< one reading call
    std::chrono::seconds submit{120};        ///< an export or import order: a real cluster took 12 s
    std::chrono::seconds resolve{180};       ///< the search for an order whose answer was lost
    std::chrono::seconds share_delay{20};    ///< until what the cluster wrote shows in LocalPath
    std::chrono::seconds cluster_unreachable{43200};  ///< a running export whose cluster cannot be asked
};

struct Config {
    Smb smb;
    Scale scale;
    std::optional<Smtp> smtp;
    std::optional<Schedule> schedule;
    Hooks hooks;
    Verify verify;
    Daemon daemon;
    Timeouts timeouts;
};

}  // namespace sb::config
