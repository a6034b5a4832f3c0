#include "common/config/config_file.hpp"

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

Result<FoundConfig> find_config_file(std::optional<std::filesystem::path> const& named,
                                     EnvironmentLookup const& environment, ConfigPlaces const& places) {
    if (named) return FoundConfig{*named, {}};
    if (auto const from_environment = environment("SCALE_BACKUP_CONFIG");
        from_environment && !from_environment->empty()) {
        return FoundConfig{*from_environment, {}};
    }
    auto predecessor = search_predecessor(places.predecessors);
    std::string searched;
    for (auto const& candidate : places.ours) {
        std::error_code denied;
        // A file that may not be read exists anyway: load() then reports why it cannot be read.
        if (std::filesystem::exists(candidate, denied) || denied == std::errc::permission_denied) {
            if (!predecessor.taken.empty())
                predecessor.notes.push_back(utf8_of(predecessor.taken) + " was skipped: " + utf8_of(candidate) +
                                            " takes precedence");
            return FoundConfig{candidate, std::move(predecessor.notes)};
        }
        searched += (searched.empty() ? "" : ", ") + utf8_of(candidate);
    }
    if (!predecessor.taken.empty()) {
        predecessor.notes.push_back(
            "using the predecessor's configuration " + utf8_of(predecessor.taken) +
            (places.ours.empty() ? "" : "; the new location is " + utf8_of(places.ours.front())));
        return FoundConfig{predecessor.taken, std::move(predecessor.notes)};
    }
    std::string skipped;
    for (auto const& note : predecessor.notes) skipped += "; " + note;
    return Error{Errc::invalid_config, "no configuration found; searched " + searched +
                                           "; specify one with --config FILE or SCALE_BACKUP_CONFIG" + skipped};
}

Result<FoundConfig> find_config_file(std::optional<std::filesystem::path> const& named,
                                     EnvironmentLookup const& environment) {
    return find_config_file(named, environment, {system_defaults().config_files, predecessor_places(environment)});
}

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

PredecessorFiles search_predecessor(std::vector<std::filesystem::path> const& places) {
    PredecessorFiles found;
    for (auto const& place : places) {
        if (!is_there(place)) continue;
        auto const doubt = who_else_may_change(place);
        if (doubt)
            found.notes.push_back(utf8_of(place) + " was skipped: " + *doubt +
                                  "; if it is yours, specify it with --config");
        else if (found.taken.empty()) found.taken = place;
        else found.notes.push_back(utf8_of(place) + " was skipped: " + utf8_of(found.taken) + " takes precedence");
    }
    return found;
}

}  // namespace sb::config
