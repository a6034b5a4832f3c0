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

/// Puts the level's syslog number in front of each line, for journald.
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
    std::unique_ptr<custom_flag_formatter> clone() const override {
        return spdlog::details::make_unique<JournalPrefix>();
    }
};

/// Keeps each message on one line: names come from the cluster and may contain anything.
class OneLine final : public spdlog::custom_flag_formatter {
public:
    void format(spdlog::details::log_msg const& message, std::tm const&, spdlog::memory_buf_t& out) override {
        for (char const c : message.payload) {
            if (c == '\n') {
                out.push_back('\\');
                out.push_back('n');
            } else {
                bool const is_control = (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
                out.push_back(is_control ? '?' : c);
            }
        }
    }
    std::unique_ptr<custom_flag_formatter> clone() const override { return spdlog::details::make_unique<OneLine>(); }
};

}  // namespace

Result<void> set_up_logging(config::Daemon const& settings) {
    try {
        spdlog::sink_ptr sink;
        auto formatter = std::make_unique<spdlog::pattern_formatter>();
        formatter->add_flag<JournalPrefix>('*').add_flag<OneLine>('V');
        if (!settings.log_file.empty()) {
            sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(settings.log_file.string());
            formatter->set_pattern("%Y-%m-%dT%H:%M:%S%z %l %V");
        } else {
            sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
            if (std::getenv("JOURNAL_STREAM") != nullptr) formatter->set_pattern("%*%V");
            else formatter->set_pattern("%Y-%m-%d %H:%M:%S %l %V");
        }
        auto logger = std::make_shared<spdlog::logger>("scale-backupd", std::move(sink));
        logger->set_formatter(std::move(formatter));
        logger->set_level(level_of(settings.log_level));
        logger->flush_on(spdlog::level::info);
        spdlog::set_default_logger(std::move(logger));
    } catch (spdlog::spdlog_ex const& e) {
        return Error{Errc::io, std::string("the log file cannot be opened: ") + e.what()};
    }
    return boost::system::in_place_value;
}

}  // namespace sb::app
