#pragma once
// Small configurations for the tests: a complete one, and helpers that show the problems of another.

#include "common/config/load.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace sb::config::testing {

inline constexpr std::string_view smb_text =
    "[SMB]\nUsername = 'JohnDoe'\nPassword = 'smb-hunter2'\nHost = 'files'\nShareName = 'Backups'\nLocalPath = "
    "'/mnt/b'\n";
inline constexpr std::string_view scale_text =
    "[Scale]\nUsername = 'admin'\nPassword = 'scale-hunter2'\nHost = 'cluster'\n";

/// A valid configuration, followed by more sections.
inline std::string complete(std::string_view more = {}) {
    return std::string(smb_text) + std::string(scale_text) + std::string(more);
}

/// The same with one line replaced.
inline std::string complete_with(std::string_view line, std::string_view replacement) {
    std::string text = complete();
    auto const at = text.find(line);
    return text.replace(at, line.size(), replacement);
}

/// The text of the first problem with that key; "" if there is none.
inline std::string problem_with(std::string_view key, Loaded const& loaded) {
    auto const found = std::ranges::find(loaded.problems, key, &Problem::key);
    return found == loaded.problems.end() ? "" : found->text;
}

/// What is wrong with `line` in an otherwise good section; "" if it is accepted.
inline std::string problem_in(std::string_view section, std::string_view key, std::string const& value) {
    std::string more;
    std::string const line = std::string(key) + " = " + value + '\n';
    std::string const header = '[' + std::string(section) + "]\n";
    if (section == "SMTP") {
        more = header;
        if (key != "Host") more += "Host = 'mail'\n";
        if (key != "From") more += "From = 'a@b'\n";
        if (key != "To") more += "To = 'c@d'\n";
        more += line;
    } else {
        more = header + line;
    }
    std::string text;
    if (section == "SMB" || section == "Scale") {
        text = complete();
        auto const start = text.find(header) + header.size();
        auto const old = text.find('\n' + std::string(key) + " = ", start - 1);
        if (old != std::string::npos) text.erase(old + 1, text.find('\n', old + 1) - old);
        text.insert(start, line);
    } else {
        text = complete(more);
    }
    auto const loaded = parse(text, "t.toml");
    return render_problems(loaded.problems);
}

}  // namespace sb::config::testing
