#pragma once
// The Programs port without programs: it records each call and returns what the test prepared. Header-only.

#include "daemon/ports/programs.hpp"

#include <vector>

namespace sb::test {

class FakePrograms final : public ports::Programs {
public:
    std::vector<ports::ProgramCall> calls;
    Result<ports::ProgramResult> result = ports::ProgramResult{.exit_code = 0, .output = {}};

    task<Result<ports::ProgramResult>> run(ports::ProgramCall call) override {
        calls.push_back(std::move(call));
        co_return result;
    }
};

}  // namespace sb::test
