#include "daemon/app/settings.hpp"

namespace sb::app {
namespace {

/// Without StartTime and EndTime it is always open.
core::DailyWindow window_of(config::Schedule const& schedule) {
    return {schedule.start_time.value_or(TimeOfDay{0}), schedule.end_time.value_or(TimeOfDay{0})};
}

}  // namespace

engine::ScheduleSettings schedule_settings(config::Config const& config) {
    engine::ScheduleSettings settings;
    if (!config.schedule) return settings;
    auto const& schedule = *config.schedule;
    settings.configured = true;
    settings.settings.timing.window = window_of(schedule);
    settings.settings.timing.interval = schedule.backup_interval;
    settings.settings.slots = schedule.concurrency;
    if (!schedule.tag.empty()) settings.settings.tag = schedule.tag;
    settings.settings.tolerance = schedule.tolerance;
    settings.policy.max_backups = schedule.max_backups;
    settings.policy.max_age = schedule.max_age;
    return settings;
}

Milliseconds undelete_for(config::Config const& config) {
    auto const schedule = config.schedule.value_or(config::Schedule());
    auto const& length = schedule.undelete_for;
    return std::chrono::days(length.days) + length.rest;
}

engine::VerifySettings verify_settings(config::Config const& config) {
    engine::VerifySettings settings;
    settings.policy = {config.verify.structure, config.verify.content, config.verify.reread_every};
    settings.times.when = config.verify.when;
    if (config.schedule) settings.times.window = window_of(*config.schedule);
    settings.bytes_per_second = config.verify.max_rate.bytes_per_second;
    return settings;
}

}  // namespace sb::app
