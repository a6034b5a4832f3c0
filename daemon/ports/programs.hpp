#pragma once
// Running a program of this machine to its end: the administrator's hooks, Samba's testparm. Real: daemon/hooks. No
// shell is involved.

#include "common/error.hpp"
#include "common/time.hpp"
#include "daemon/async/task.hpp"

#include <string>
#include <vector>

namespace sb::ports {

struct ProgramCall {
    std::string name;               ///< "PostBackup", for the log and the alert
    std::vector<std::string> argv;  ///< the program and its arguments; never empty
    Milliseconds time_limit{0};     ///< 0 = none
};

struct ProgramResult {
    int exit_code = -1;  ///< -1 if it did not exit on its own
    int signal = 0;      ///< what ended it; 0 = nothing did
    bool timed_out = false;
    std::string output;  ///< stdout and stderr in the order they came; the last 64 KiB
    bool succeeded() const { return exit_code == 0 && !timed_out; }
};

class Programs {
public:
    virtual ~Programs() = default;
    /// An error means that it could not be started. Cancelled: the program and its whole process group are ended.
    virtual task<Result<ProgramResult>> run(ProgramCall call) = 0;
};

}  // namespace sb::ports
