#pragma once
// Hooks of a configuration that names none.

#include "daemon/ports/job_hooks.hpp"

namespace sb::app {

class NoHooks final : public ports::JobHooks {
public:
    bool is_set(ports::HookKind) const override { return false; }
    bool delays_post_backup() const override { return false; }
    bool pre_backup_must_succeed() const override { return false; }
    task<std::string> run(ports::HookKind, ports::HookVariables) override { co_return std::string(); }
};

}  // namespace sb::app
