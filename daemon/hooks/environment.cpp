#include "daemon/hooks/environment.hpp"

#include <algorithm>
#include <array>
#include <string_view>

extern char** environ;

namespace sb::hooks {
namespace {

constexpr std::array<std::string_view, 7> passed_on{"HOME", "LANG", "LOGNAME", "SHELL", "TMPDIR", "TZ", "USER"};
constexpr std::array<std::string_view, 6> usual_folders{"/usr/local/sbin", "/usr/local/bin", "/usr/sbin",
                                                        "/usr/bin",        "/sbin",          "/bin"};

bool holds(std::string_view path, std::string_view folder) {
    while (!path.empty()) {
        auto const part = path.substr(0, path.find(':'));
        if (part == folder) return true;
        path.remove_prefix(std::min(part.size() + 1, path.size()));
    }
    return false;
}

}  // namespace

std::vector<std::string> hook_environment(std::vector<std::string> const& ours, std::string const& hook_name) {
    std::vector<std::string> result;
    std::string path;
    bool has_home = false;
    for (auto const& entry : ours) {
        std::string_view const name = std::string_view(entry).substr(0, entry.find('='));
        if (name.size() == entry.size()) continue;  // no '=': not a variable
        if (name == "PATH") path = entry.substr(name.size() + 1);
        if (name == "HOME") has_home = true;
        if (std::ranges::find(passed_on, name) != passed_on.end() || name.starts_with("LC_")) result.push_back(entry);
    }
    for (auto const folder : usual_folders) {
        if (!holds(path, folder)) path.append(path.empty() ? "" : ":").append(folder);
    }
    result.push_back("PATH=" + path);
    if (!has_home) result.push_back("HOME=/");
    result.push_back("SCALE_BACKUP_HOOK=" + hook_name);
    return result;
}

std::vector<std::string> own_environment() {
    std::vector<std::string> result;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) result.emplace_back(*entry);
    return result;
}

}  // namespace sb::hooks
