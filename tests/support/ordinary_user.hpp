#pragma once
// Root may read and write everything. A test about permissions that runs as root switches to an ordinary user.

#include <stdexcept>

#include <unistd.h>

namespace sb::test {

/// While this exists, the process has the rights of an ordinary user; without root it has them anyway.
class OrdinaryUser {
public:
    OrdinaryUser() {
        if (root_ && ::seteuid(65534) != 0) throw std::runtime_error("seteuid failed");
    }
    OrdinaryUser(OrdinaryUser const&) = delete;
    OrdinaryUser& operator=(OrdinaryUser const&) = delete;
    ~OrdinaryUser() {
        // Continuing with the wrong user would make later tests pass for the wrong reason.
        if (root_ && ::seteuid(0) != 0) ::_exit(70);
    }

private:
    bool root_ = ::geteuid() == 0;
};

}  // namespace sb::test
