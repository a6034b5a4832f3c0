#pragma once
// A private Samba server for a test: a free port on loopback, one share, one user.

#include "simulator/tests/transfer/transfer_fixture.hpp"

#include <cstdint>
#include <string>

#include <sys/types.h>

namespace sb::sim::test {

class PrivateSmbd {
public:
    static bool installed();

    /// Starts it and waits until it responds. `user` is valid without a domain and in CONTOSO.
    PrivateSmbd(std::string const& user, std::string const& password);
    PrivateSmbd(PrivateSmbd const&) = delete;
    PrivateSmbd& operator=(PrivateSmbd const&) = delete;
    ~PrivateSmbd();

    bool running() const { return process_ > 0; }
    std::uint16_t port() const { return port_; }
    std::filesystem::path share() const { return dir_ / "share"; }
    std::string log() const;

private:
    TempDir dir_;
    std::uint16_t port_ = 0;
    pid_t process_ = 0;
};

}  // namespace sb::sim::test
