#include "daemon/app/verify_settings.hpp"

namespace sb::app {

engine::VerifySettings verify_settings(config::Config const& config) {
    engine::VerifySettings settings;
    settings.policy = {config.verify.structure, config.verify.content, config.verify.reread_every};
    settings.times.when = config.verify.when;
    if (config.schedule)
        settings.times.window = core::DailyWindow{config.schedule->start_time, config.schedule->end_time};
    settings.bytes_per_second = config.verify.max_rate;
    return settings;
}

}  // namespace sb::app
