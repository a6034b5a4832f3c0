#include "common/config/config_file.hpp"

#include "common/config/defaults.hpp"

namespace sb::config {

Result<std::filesystem::path> find_config_file(std::optional<std::filesystem::path> const& named,
                                               EnvironmentLookup const& environment,
                                               std::vector<std::filesystem::path> const& candidates) {
    if (named) return *named;
    if (auto const from_environment = environment("SCALE_BACKUP_CONFIG");
        from_environment && !from_environment->empty()) {
        return std::filesystem::path(*from_environment);
    }
    std::string searched;
    for (auto const& candidate : candidates) {
        std::error_code denied;
        // A file that we may not look at is there all the same: load() then says what is in the way.
        if (std::filesystem::exists(candidate, denied) || denied == std::errc::permission_denied) return candidate;
        searched += (searched.empty() ? "" : " nor ") + candidate.string();
    }
    return Error{Errc::invalid_config, "no configuration found: there is no " + searched +
                                           "; name one with --config FILE or SCALE_BACKUP_CONFIG"};
}

Result<std::filesystem::path> find_config_file(std::optional<std::filesystem::path> const& named,
                                               EnvironmentLookup const& environment) {
    return find_config_file(named, environment, system_defaults().config_files);
}

}  // namespace sb::config
