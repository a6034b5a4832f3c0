#include "daemon/catalog/folder_reads.hpp"

#include <algorithm>
#include <utility>

namespace sb::catalog {

FolderReads::Reading::Reading(std::shared_ptr<FolderReads> reads, std::string folder) : reads_(std::move(reads)) {
    auto const now = std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
    std::lock_guard const lock(reads_->mutex_);
    place_ = reads_->entries_.insert(reads_->entries_.end(), Entry{std::move(folder), reads_->clock_(), now});
}

FolderReads::Reading::~Reading() {
    std::lock_guard const lock(reads_->mutex_);
    reads_->entries_.erase(place_);
}

std::vector<UnansweredFolder> FolderReads::unanswered() const {
    std::lock_guard const lock(mutex_);
    std::vector<UnansweredFolder> folders;
    for (auto const& entry : entries_) {
        bool const is_known = std::ranges::find(folders, entry.folder, &UnansweredFolder::folder) != folders.end();
        if (is_unanswered(entry) && !is_known) folders.push_back({entry.folder, entry.since_utc});
    }
    return folders;
}

std::optional<UtcTime> FolderReads::unanswered_since(std::string const& folder) const {
    std::lock_guard const lock(mutex_);
    auto const found = std::ranges::find(entries_, folder, &Entry::folder);
    if (found == entries_.end() || !is_unanswered(*found)) return std::nullopt;
    return found->since_utc;
}

Result<void> FolderReads::check_answers(std::string const& folder) const {
    auto const since = unanswered_since(folder);
    if (!since) return {};
    return Error{Errc::io, "'" + folder + "': " + unanswered_text(*since) +
                               ". Check the disk or the share of LocalPath, then try again"};
}

bool FolderReads::is_busy() const {
    std::lock_guard const lock(mutex_);
    return !entries_.empty();
}

std::string unanswered_text(UtcTime since) {
    return "it does not answer: reading it has not returned since " + format_rfc3339(since);
}

}  // namespace sb::catalog
