#include "daemon/app/schedule_settings.hpp"

namespace sb::app {

engine::ScheduleSettings schedule_settings(config::Config const& config) {
    engine::ScheduleSettings settings;
    if (!config.schedule) return settings;
    auto const& schedule = *config.schedule;
    settings.configured = true;
    settings.settings.rhythm.window = {schedule.start_time, schedule.end_time};
    settings.settings.rhythm.interval = schedule.backup_interval;
    settings.settings.slots = schedule.concurrency;
    settings.settings.tag = schedule.tag;
    settings.settings.tolerance = schedule.tolerance;
    settings.policy.max_backups = schedule.max_backups;
    settings.policy.max_age = schedule.max_age;
    return settings;
}

}  // namespace sb::app
