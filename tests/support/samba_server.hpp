#pragma once
// A private Samba server for a test: its own files, a high port on loopback, no special permissions.

#include "tests/support/process.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

namespace sb::test {

struct SambaSettings {
    std::string user = "JohnDoe";
    std::string password = "pa$$w0rd";
    std::string domain = "CONTOSO";  ///< a standalone server accepts any domain
    std::string share = "ServerBackups";
    bool read_only = false;
    std::string unix_user = {};    ///< owner of the files; empty = the user who runs the tests. Others need root
    std::string share_lines = {};  ///< further lines of the share's section
};

class SambaServer {
public:
    /// Starts it and waits until the share responds. Throws with smbd's log if it does not.
    explicit SambaServer(SambaSettings settings = {});
    SambaServer(SambaServer const&) = delete;
    SambaServer& operator=(SambaServer const&) = delete;
    ~SambaServer();

    SambaSettings const& settings() const { return settings_; }
    std::uint16_t port() const { return port_; }
    std::string host() const { return "127.0.0.1:" + std::to_string(port_); }
    /// The share's folder on this machine: LocalPath.
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

/// A free TCP port on loopback, outside the range of outgoing connections.
std::uint16_t free_port();

}  // namespace sb::test
