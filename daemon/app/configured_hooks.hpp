#pragma once
// The JobHooks port: runs the command lines of the current configuration.

#include "common/config/model.hpp"
#include "daemon/ports/programs.hpp"
#include "daemon/ports/job_hooks.hpp"

#include <functional>

namespace sb::app {

class ConfiguredHooks final : public ports::JobHooks {
public:
    /// `config` returns the active configuration, which a reload changes.
    ConfiguredHooks(std::function<config::Config const&()> config, ports::Programs& programs)
        : config_(std::move(config)), programs_(programs) {}

    bool is_set(HookKind kind) const override { return !config_().hooks.command(kind).empty(); }
    std::string command(HookKind kind) const override { return config_().hooks.command(kind); }
    bool delays_post_backup() const override { return config_().hooks.delay_post_backup_when_scheduled; }
    bool pre_backup_must_succeed() const override { return config_().hooks.pre_backup_must_succeed; }
    task<std::string> run(HookKind kind, ports::HookVariables variables) override;

private:
    std::function<config::Config const&()> config_;
    ports::Programs& programs_;
};

}  // namespace sb::app
