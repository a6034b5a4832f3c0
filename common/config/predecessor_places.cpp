#include "common/config/predecessor_places.hpp"

#include "common/config/defaults.hpp"
#include "common/config/file_access.hpp"
#include "common/config/text_file.hpp"

#include <algorithm>

namespace sb::config {
namespace {

bool is_there(std::filesystem::path const& file) {
    std::error_code denied;
    auto const status = std::filesystem::symlink_status(file, denied);
    return std::filesystem::exists(status) || denied == std::errc::permission_denied;
}

}  // namespace

std::vector<std::filesystem::path> predecessor_places(EnvironmentLookup const& environment) {
    std::vector<std::filesystem::path> places;
    auto const add = [&](std::filesystem::path place) {
        if (std::ranges::find(places, place) == places.end()) places.push_back(std::move(place));
    };
    std::error_code gone;
    auto const here = std::filesystem::current_path(gone);
    if (!gone) add(here / "scale-backup.toml");
    auto const home = environment("HOME");
    if (home && std::filesystem::path(*home).is_absolute()) add(std::filesystem::path(*home) / ".scale-backup.toml");
    auto const system = system_defaults().predecessor_config;
    if (!system.empty()) add(system);
    return places;
}

PredecessorFiles look_for_predecessor(std::vector<std::filesystem::path> const& places) {
    PredecessorFiles found;
    for (auto const& place : places) {
        if (!is_there(place)) continue;
        auto const doubt = who_else_may_change(place);
        if (doubt)
            found.notes.push_back(utf8_of(place) + " was passed over: " + *doubt +
                                  "; if it is yours, name it with --config");
        else if (found.taken.empty()) found.taken = place;
        else found.notes.push_back(utf8_of(place) + " was passed over: " + utf8_of(found.taken) + " comes first");
    }
    return found;
}

}  // namespace sb::config
