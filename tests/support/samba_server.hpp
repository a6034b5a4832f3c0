#pragma once
// A Samba server of the test's own: private files, a high port on loopback, no rights needed.

#include "tests/support/process.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace sb::test {

struct SambaSettings {
    std::string user = "JohnDoe";
    std::string password = "pa$$w0rd";
    std::string domain = "CONTOSO";  ///< a standalone server takes any domain that a client claims
    std::string share = "ServerBackups";
    bool read_only = false;
    std::string unix_user = {};    ///< whom the files belong to; empty = who runs the tests. Others need root
    std::string share_lines = {};  ///< further lines of the share's section
};

class SambaServer {
public:
    /// Whether smbd and pdbedit are installed.
    static bool available();

    /// Starts it and waits until the share answers. Throws with smbd's own words if it does not.
    explicit SambaServer(SambaSettings settings = {});
    SambaServer(SambaServer const&) = delete;
    SambaServer& operator=(SambaServer const&) = delete;
    ~SambaServer();

    SambaSettings const& settings() const { return settings_; }
    std::uint16_t port() const { return port_; }
    std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
    /// The share's folder on this machine: what LocalPath names.
    std::filesystem::path folder() const { return dir_ / "share"; }
    std::string log() const;

private:
    void write_settings() const;
    void set_password() const;
    bool start();

    TempDir dir_;
    SambaSettings settings_;
    std::uint16_t port_ = 0;
    std::unique_ptr<Process> smbd_;
};

/// A TCP port of loopback that nobody listens on now, outside the range that outgoing connections take.
std::uint16_t free_port();

}  // namespace sb::test
