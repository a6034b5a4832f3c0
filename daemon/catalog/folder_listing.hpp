#pragma once
// Reads the folders of LocalPath one after the other, on a separate thread. A folder that does not answer is left to
// that thread, listed as such, and another thread continues with the others. Blocking: run it on a pool.

#include "common/error.hpp"
#include "daemon/catalog/folder_reads.hpp"
#include "daemon/catalog/listing_budget.hpp"
#include "daemon/core/manifest.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sb::catalog {

class FolderListing {
public:
    /// One folder; nothing if it is not a backup. Called on other threads, also after list() has returned.
    using ReadFolder = std::function<Result<std::optional<core::Backup>>(std::string const& name)>;

    /// `most_bytes`: of memory for one listing.
    explicit FolderListing(std::shared_ptr<FolderReads> reads, std::size_t most_bytes = max_listing_bytes)
        : reads_(std::move(reads)), most_bytes_(most_bytes) {}

    /// How many names of folders that are no backups are remembered.
    static constexpr std::size_t most_strays = 4096;

    /// Those that are backups, in the order of the names, each as for_listing(). If they take more memory than a
    /// listing may, the largest are listed without their manifests (ListingBudget). One that does not answer within
    /// FolderReads::patience has the state `unverified`, so it counts for nothing; what the last listing knew of it is
    /// kept: also that it was no backup, so that a stray folder that hangs is not taken for one. `io` with the names if
    /// more than FolderReads::most_unanswered do not answer. One listing at a time; the others wait for it.
    Result<std::vector<core::Backup>> list(std::vector<std::string> names, ReadFolder read);
    /// A backup got this name: what had it before is not known any more. Does not wait for a listing.
    void forget(std::string const& name);

private:
    struct Round;

    static void read_folders(std::shared_ptr<Round> round, unsigned reader);
    static void keep(Round& round, std::string const& name, std::optional<core::Backup> backup);
    Result<void> read_all(std::shared_ptr<Round> const& round) const;
    Result<void> check_few_unanswered() const;
    core::Backup unanswered_backup(std::string const& name) const;
    std::vector<core::Backup> collected(Round& round) const;
    void remember(Round& round);
    bool is_stray(std::string const& name) const;

    std::shared_ptr<FolderReads> reads_;
    std::size_t most_bytes_;
    std::mutex one_at_a_time_;
    std::map<std::string, core::Backup> last_;  ///< what the last listing found
    mutable std::mutex strays_mutex_;
    std::set<std::string> strays_;  ///< what it found to be no backups
};

}  // namespace sb::catalog
