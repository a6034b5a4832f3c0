#pragma once
// The daemon as a service: a dedicated user that is not root, and a share whose files belong to another user, with the
// permissions of docs/installation.md. Tests that do not run as root have only one user: theirs.

#include "tests/e2e/fixture.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <sys/stat.h>
#include <unistd.h>

namespace sb::test {

struct ServiceSettings {
    std::optional<std::string> share_lines = {};  ///< of the share's section in smb.conf; empty = the document's
    std::filesystem::perms share_mode{02770};
    std::string schedule =
        "[Schedule]\nStartTime = '0:00'\nEndTime = '0:00'\nBackupInterval = '1 day'\nMaxBackups = 1\n";
    std::vector<std::string> simulator_options = {};
};

struct ServiceFixture {
    // Users that exist on Debian and FreeBSD, instead of scale-backup and scale-export.
    static constexpr char const* service_user = "daemon";
    static constexpr char const* share_user = "games";

    explicit ServiceFixture(ServiceSettings const& settings = {});

    /// Whether the daemon and the share have users of their own.
    static bool has_own_users() { return ::geteuid() == 0; }
    /// What is not installed on this machine; "" = nothing.
    static std::string missing();

    static uid_t uid();
    static gid_t gid();
    static std::string group();
    static void give(std::filesystem::path const& path, uid_t owner, unsigned mode);

    std::filesystem::path config() const { return fixture.dir / "etc/config.toml"; }
    std::filesystem::path socket() const { return fixture.dir / "run/control.sock"; }
    std::filesystem::path state_dir() const { return fixture.dir / "state"; }

    /// The command line of scale-backupd, run as its user.
    std::vector<std::string> as_service(std::vector<std::string> const& options) const;
    void start();
    Finished ctl(std::vector<std::string> arguments) const;
    json::Document ctl_json(std::vector<std::string> arguments) const;
    /// As a user who is also in this group.
    Finished ctl_of_member(gid_t of, std::vector<std::string> const& arguments) const;
    std::vector<std::string> scheduled() const;
    std::string some_vm() const;

    Fixture fixture;
    std::unique_ptr<Process> process;
};

struct ::stat file_status_of(std::filesystem::path const& path);

}  // namespace sb::test
