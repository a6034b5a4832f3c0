#include "daemon/app/logging.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <memory>

namespace sb::app {
namespace {

spdlog::level::level_enum level_of(config::LogLevel level) {
    switch (level) {
        case config::LogLevel::error: return spdlog::level::err;
        case config::LogLevel::warning: return spdlog::level::warn;
        case config::LogLevel::info: return spdlog::level::info;
        case config::LogLevel::debug: return spdlog::level::debug;
    }
    return spdlog::level::info;
}

/// The syslog number of the level in front of each line: how journald learns of it.
class JournalPrefix final : public spdlog::custom_flag_formatter {
public:
    void format(spdlog::details::log_msg const& message, std::tm const&, spdlog::memory_buf_t& out) override {
        char const number = message.level >= spdlog::level::err    ? '3'
                            : message.level == spdlog::level::warn ? '4'
                            : message.level == spdlog::level::info ? '6'
                                                                   : '7';
        out.push_back('<');
        out.push_back(number);
        out.push_back('>');
    }
    std::unique_ptr<custom_flag_formatter> clone() const override { return spdlog::details::make_unique<JournalPrefix>(); }
};

}  // namespace

Result<void> set_up_logging(config::Daemon const& settings) {
    try {
        spdlog::sink_ptr sink;
        auto formatter = std::make_unique<spdlog::pattern_formatter>();
        if (!settings.log_file.empty()) {
            sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(settings.log_file.string());
            formatter->set_pattern("%Y-%m-%dT%H:%M:%S%z %l %v");
        } else {
            sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
            if (std::getenv("JOURNAL_STREAM") != nullptr) formatter->add_flag<JournalPrefix>('*').set_pattern("%*%v");
            else formatter->set_pattern("%Y-%m-%d %H:%M:%S %l %v");
        }
        auto logger = std::make_shared<spdlog::logger>("scale-backupd", std::move(sink));
        logger->set_formatter(std::move(formatter));
        logger->set_level(level_of(settings.log_level));
        logger->flush_on(spdlog::level::info);
        spdlog::set_default_logger(std::move(logger));
    } catch (spdlog::spdlog_ex const& e) {
        return Error{Errc::io, std::string("the log cannot be opened: ") + e.what()};
    }
    return boost::system::in_place_value;
}

}  // namespace sb::app
