#pragma once
// Reads the folders of LocalPath one after the other, on a separate thread. A folder that does not answer is left to
// that thread, listed as such, and another thread continues with the others. Blocking: run it on a pool.

#include "common/error.hpp"
#include "daemon/catalog/folder_reads.hpp"
#include "daemon/core/manifest.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace sb::catalog {

class FolderListing {
public:
    /// One folder; nothing if it is not a backup. Called on other threads, also after list() has returned.
    using ReadFolder = std::function<Result<std::optional<core::Backup>>(std::string const& name)>;

    explicit FolderListing(std::shared_ptr<FolderReads> reads) : reads_(std::move(reads)) {}

    /// Those that are backups, in the order of the names. One that does not answer within FolderReads::patience has the
    /// state `unverified`, so it counts for nothing; what the last listing knew of it is kept. `io` with the names if
    /// more than FolderReads::most_unanswered do not answer. One listing at a time; the others wait for it.
    Result<std::vector<core::Backup>> list(std::vector<std::string> names, ReadFolder read);

private:
    struct Round;

    static void read_folders(std::shared_ptr<Round> round, unsigned reader);
    Result<void> read_all(std::shared_ptr<Round> const& round) const;
    Result<void> check_few_unanswered() const;
    core::Backup unanswered_backup(std::string const& name) const;
    std::vector<core::Backup> collected(Round& round) const;
    void remember(Round& round);

    std::shared_ptr<FolderReads> reads_;
    std::mutex one_at_a_time_;
    std::map<std::string, core::Backup> last_;  ///< what the last listing found
};

}  // namespace sb::catalog
