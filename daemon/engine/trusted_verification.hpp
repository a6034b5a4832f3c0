#pragma once
// The verification, whose findings are recorded in the journal, too, for the backups that it vouches for: a manifest
// from which the mark of damage was removed must not make a bad copy count again.

#include "daemon/engine/trusted_copies.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/ports/verification.hpp"

#include <memory>
#include <string>
#include <utility>

namespace sb::engine {

class TrustedVerification final : public ports::Verification {
public:
    TrustedVerification(std::shared_ptr<ports::Verification> below, ports::Catalog& catalog, TrustedCopies& trusted)
        : below_(std::move(below)), catalog_(catalog), trusted_(trusted) {}

    /// `damaged_backup` also if the manifest names other files, disks, definition or VM than when they were proven.
    task<Result<void>> check_structure(std::string backup, core::Level level) override;
    /// True also if only the journal had the mark.
    task<Result<bool>> record_structure(std::string backup, UtcTime at) override;
    /// `refused`: its files were changed since they were last proven, and were never read before that.
    task<Result<std::shared_ptr<ports::Reading>>> begin_reading(std::string backup, UtcTime started) override;
    /// In the journal first. An error of either means that it has to be repeated.
    task<Result<void>> record_damage(std::string backup, core::Damage damage) override;

private:
    class Reading;

    /// Its row; null: the journal does not vouch for it, or its manifest cannot be read. Valid until something changes.
    task<core::TrustedCopy const*> row_of(std::string backup);
    /// `refused`: its files were changed, and no digests are known from before.
    task<Result<void>> check_comparable(std::string backup);
    /// `damaged_backup`: they are not those that were computed when the content was first read. Keeps the first ones.
    task<Result<void>> compare_digests(std::string backup, std::string root);
    /// Whether the journal's mark was removed, since a verification at this level passed.
    task<bool> clear(std::string backup, core::Level passed);

    std::shared_ptr<ports::Verification> below_;
    ports::Catalog& catalog_;
    TrustedCopies& trusted_;
};

}  // namespace sb::engine
