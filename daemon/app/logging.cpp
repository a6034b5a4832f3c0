#include "daemon/app/logging.hpp"

#include "common/text/utf8.hpp"
#include "daemon/platform/private_directory.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
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

/// What a terminal obeys (C0 and C1), what a viewer takes for the end of a line, and what shows the rest of the line
/// backwards.
bool is_unsafe(char32_t c) {
    bool const is_line_end = c == 0x2028 || c == 0x2029;
    bool const reverses = (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
    return (is_control(c) && c != '\t') || is_line_end || reverses;
}

/// Keeps each message on one line: names come from the cluster and may contain anything.
class OneLine final : public spdlog::custom_flag_formatter {
public:
    void format(spdlog::details::log_msg const& message, std::tm const&, spdlog::memory_buf_t& out) override {
        auto const line = log_line({message.payload.data(), message.payload.size()});
        out.append(line.data(), line.data() + line.size());
    }
    std::unique_ptr<custom_flag_formatter> clone() const override { return spdlog::details::make_unique<OneLine>(); }
};

}  // namespace

std::string log_line(std::string_view message) {
    std::string line;
    line.reserve(message.size());
    while (!message.empty()) {
        auto const point = first_code_point(message);
        auto const bytes = std::max<std::size_t>(point.bytes, 1);
        if (point.bytes == 0) line += replacement_character;
        else if (point.value == '\n') line += "\\n";
        else if (is_unsafe(point.value)) line += '?';
        else line += message.substr(0, bytes);
        message.remove_prefix(bytes);
    }
    return line;
}

Result<void> set_up_logging(config::Daemon const& settings) {
    try {
        spdlog::sink_ptr sink;
        auto formatter = std::make_unique<spdlog::pattern_formatter>();
        formatter->add_flag<JournalPrefix>('*').add_flag<OneLine>('V');
        if (!settings.log_file.empty()) {
            // spdlog would create it with whatever the umask allows, and it contains the names of all VMs.
            platform::create_for_group(settings.log_file);
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
