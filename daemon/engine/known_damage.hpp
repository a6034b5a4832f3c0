#pragma once
// The catalog, plus damage that was found but could not be recorded yet (a full share): listing, restore and retention
// must not treat such a backup as good before its manifest has the mark.

#include "daemon/engine/forwarding_catalog.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sb::engine {

class KnownDamage final : public ForwardingCatalog {
public:
    using ForwardingCatalog::ForwardingCatalog;

    /// Nothing: the manifest has the mark, or there is no damage.
    void set(std::string const& backup, std::optional<core::Damage> damage);

    task<Result<core::Backup>> find(std::string folder) override;
    task<Result<std::vector<core::Backup>>> list() override;
    task<Result<core::Backup>> set_protected(std::string folder, bool is_protected) override;
    task<Result<core::Backup>> accept(std::string folder) override;

private:
    void show(core::Backup& backup) const;

    std::map<std::string, core::Damage> damage_;  ///< by backup
};

}  // namespace sb::engine
