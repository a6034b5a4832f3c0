#pragma once
// The catalog, with what the journal knows about each backup in the place of what its manifest claims. All that reads
// backups reads them here, so that the schedule, retention and listings cannot disagree.

#include "daemon/engine/forwarding_catalog.hpp"
#include "daemon/engine/trusted_copies.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sb::engine {

class TrustingCatalog final : public ForwardingCatalog {
public:
    /// `is_ours`: whether the manifest may be of the present cluster. The backups of others are not judged here: they
    /// count for nothing in any case.
    TrustingCatalog(std::shared_ptr<ports::Catalog> below, TrustedCopies const& trusted,
                    std::function<bool(core::Manifest const&)> is_ours)
        : ForwardingCatalog(std::move(below)), trusted_(trusted), is_ours_(std::move(is_ours)) {}

    task<Result<core::Backup>> find(std::string folder) override;
    task<Result<std::vector<core::Backup>>> list() override;
    task<Result<core::Backup>> set_protected(std::string folder, bool is_protected) override;
    task<Result<core::Backup>> accept(std::string folder) override;

private:
    void judge(core::Backup& backup) const;
    task<Result<core::Backup>> judged(task<Result<core::Backup>> call);

    TrustedCopies const& trusted_;
    std::function<bool(core::Manifest const&)> is_ours_;
};

}  // namespace sb::engine
