#include "common/config/config_file.hpp"

#include "common/config/defaults.hpp"
#include "common/config/predecessor_places.hpp"
#include "common/config/text_file.hpp"

namespace sb::config {

Result<FoundConfig> find_config_file(std::optional<std::filesystem::path> const& named,
                                     EnvironmentLookup const& environment, ConfigPlaces const& places) {
    if (named) return FoundConfig{*named, {}};
    if (auto const from_environment = environment("SCALE_BACKUP_CONFIG");
        from_environment && !from_environment->empty()) {
        return FoundConfig{*from_environment, {}};
    }
    auto predecessor = look_for_predecessor(places.predecessors);
    std::string searched;
    for (auto const& candidate : places.ours) {
        std::error_code denied;
        // A file that we may not look at is there all the same: load() then says what is in the way.
        if (std::filesystem::exists(candidate, denied) || denied == std::errc::permission_denied) {
            if (!predecessor.taken.empty())
                predecessor.notes.push_back(utf8_of(predecessor.taken) + " was passed over: " + utf8_of(candidate) +
                                            " comes first");
            return FoundConfig{candidate, std::move(predecessor.notes)};
        }
        searched += (searched.empty() ? "" : " nor ") + utf8_of(candidate);
    }
    if (!predecessor.taken.empty()) {
        predecessor.notes.push_back("the configuration is the predecessor's file " + utf8_of(predecessor.taken) +
                                    (places.ours.empty() ? "" : "; its place is now " + utf8_of(places.ours.front())));
        return FoundConfig{predecessor.taken, std::move(predecessor.notes)};
    }
    std::string passed_over;
    for (auto const& note : predecessor.notes) passed_over += "; " + note;
    return Error{Errc::invalid_config, "no configuration found: there is no " + searched +
                                           "; name one with --config FILE or SCALE_BACKUP_CONFIG" + passed_over};
}

Result<FoundConfig> find_config_file(std::optional<std::filesystem::path> const& named,
                                     EnvironmentLookup const& environment) {
    return find_config_file(named, environment, {system_defaults().config_files, predecessor_places(environment)});
}

}  // namespace sb::config
