#pragma once
// What the engine needs to run the administrator's own programs. Real: daemon/hooks. No shell is involved.

#include "common/error.hpp"
#include "common/time.hpp"
#include "daemon/async/task.hpp"

#include <string>
#include <vector>

namespace sb::ports {

struct HookCall {
    std::string name;               ///< "PostBackup", for the log and the alert
    std::vector<std::string> argv;  ///< the program and its arguments, variables replaced; never empty
    Milliseconds time_limit{0};
};

struct HookResult {
    int exit_code = -1;  ///< -1 if it did not exit of itself
    int signal = 0;      ///< what ended it, 0 = nothing did
    bool timed_out = false;
    std::string output;  ///< stdout and stderr in the order they came; the last 64 KiB
    bool succeeded() const { return exit_code == 0 && !timed_out; }
};

class Hooks {
public:
    virtual ~Hooks() = default;
    /// An error means that it could not be started. Cancelled: the hook and its whole process group are ended.
    virtual task<Result<HookResult>> run(HookCall call) = 0;
};

}  // namespace sb::ports
