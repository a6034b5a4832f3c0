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
    TrustingCatalog(std::shared_ptr<ports::Catalog> below, TrustedCopies& trusted,
                    std::function<bool(core::Manifest const&)> is_ours)
        : ForwardingCatalog(std::move(below)), trusted_(trusted), is_ours_(std::move(is_ours)) {}

    task<Result<core::Backup>> find(std::string folder) override;
    task<Result<std::vector<core::Backup>>> list() override;
    /// Also recorded in the journal: a mark that only the manifest has would keep a copy for good, or let one go.
    task<Result<core::Backup>> set_protected(std::string folder, bool is_protected) override;
    /// The catalog protects it; so does the journal.
    task<Result<void>> take_from_trash(std::string entry, std::string folder, std::string identity) override;
    /// Also recorded in the journal: what only the manifest says does not count. Its files as they are now are proven.
    task<Result<core::Backup>> accept(std::string folder) override;

private:
    void judge(core::Backup& backup) const;
    task<Result<void>> prove(core::Backup backup);
    task<Result<core::Backup>> judged(task<Result<core::Backup>> call);

    TrustedCopies& trusted_;
    std::function<bool(core::Manifest const&)> is_ours_;
};

}  // namespace sb::engine
