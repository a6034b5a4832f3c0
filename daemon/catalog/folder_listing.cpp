#include "daemon/catalog/folder_listing.hpp"

#include "daemon/async/failure.hpp"
#include "daemon/catalog/folder_name.hpp"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <system_error>
#include <thread>
#include <utility>

namespace sb::catalog {

/// One listing. The threads that read share it: one that hangs may return when the listing has long ended.
struct FolderListing::Round {
    std::mutex mutex;
    std::condition_variable ended;
    std::shared_ptr<FolderReads> reads;
    std::vector<std::string> names;
    ReadFolder read;
    std::size_t next = 0;
    unsigned reader = 0;                                                      ///< which thread goes on; others hang
    std::optional<std::chrono::steady_clock::time_point> reading_since = {};  ///< that thread, one folder
    bool all_read = false;
    std::optional<Error> failure = {};
    std::map<std::string, std::optional<core::Backup>> found = {};
    ListingBudget budget = ListingBudget();  ///< for what is found
};

namespace {

Result<std::optional<core::Backup>> read_one(FolderListing::ReadFolder const& read, std::string const& name) {
    try {
        auto backup = read(name);
        if (backup && *backup) *backup = for_listing(std::move(**backup));
        return backup;
    } catch (...) {
        return internal_error(exception_text(std::current_exception()));
    }
}

}  // namespace

void FolderListing::read_folders(std::shared_ptr<Round> round, unsigned reader) {
    std::unique_lock lock(round->mutex);
    while (round->reader == reader && !round->failure && round->next < round->names.size()) {
        auto const name = round->names[round->next++];
        if (!round->reads->check_answers(name)) continue;
        {
            FolderReads::Reading const reading(round->reads, name);
            round->reading_since = round->reads->now();
            lock.unlock();
            auto backup = read_one(round->read, name);
            lock.lock();
            if (round->reader == reader) round->reading_since.reset();
            if (backup) keep(*round, name, std::move(*backup));
            else if (round->reader == reader) round->failure = backup.error();
        }
    }
    if (round->reader != reader) return;
    round->all_read = true;
    round->ended.notify_all();
}

void FolderListing::keep(Round& round, std::string const& name, std::optional<core::Backup> backup) {
    auto const& kept = round.found.insert_or_assign(name, std::move(backup)).first->second;
    if (!kept) return;
    for (auto const& without_room : round.budget.add(*kept)) {
        auto& largest = round.found[without_room];
        if (largest) largest = without_manifest(*largest, ListingBudget::why());
    }
}

/// Ends when every folder was read or does not answer.
Result<void> FolderListing::read_all(std::shared_ptr<Round> const& round) const {
    constexpr auto check_every = std::chrono::milliseconds(50);
    std::thread thread(read_folders, round, 0u);
    std::unique_lock lock(round->mutex);
    while (!round->all_read) {
        round->ended.wait_for(lock, check_every);
        bool const hangs = round->reading_since && reads_->now() - *round->reading_since >= FolderReads::patience;
        if (round->all_read || !hangs) continue;
        thread.detach();
        ++round->reader;
        round->reading_since.reset();
        auto few = check_few_unanswered();
        if (!few) return few;
        thread = std::thread(read_folders, round, round->reader);
    }
    lock.unlock();
    thread.join();
    if (round->failure) return *round->failure;
    return {};
}

Result<void> FolderListing::check_few_unanswered() const {
    auto const unanswered = reads_->unanswered();
    if (unanswered.size() <= FolderReads::most_unanswered) return {};
    std::string text =
        "LocalPath is not listed, because " + std::to_string(unanswered.size()) + " folders do not answer: ";
    for (auto const& one : unanswered) {
        text += one.folder == unanswered.front().folder ? "'" : ", '";
        text += one.folder + "' (since " + format_rfc3339(one.since) + ")";
    }
    return Error{Errc::io, text + ". Check the disk or the share of LocalPath"};
}

core::Backup FolderListing::unanswered_backup(std::string const& name) const {
    core::Backup backup;
    backup.name = name;
    backup.folder = name;
    std::string known;
    if (auto const last = last_.find(name); last != last_.end()) {
        backup = last->second;
        known = "; when it was last read, it was " + std::string(core::name_of(backup.state));
    }
    // It may have answered in this moment; then the next listing reads it.
    auto const since = reads_->unanswered_since(name);
    backup.is_unanswered = true;
    backup.state = core::BackupState::unverified;
    backup.problem = (since ? unanswered_text(*since) : "reading it took too long") + known;
    return backup;
}

std::vector<core::Backup> FolderListing::collected(Round& round) const {
    std::vector<core::Backup> backups;
    std::lock_guard const lock(round.mutex);
    for (auto const& name : round.names) {
        auto const found = round.found.find(name);
        if (found == round.found.end() && is_stray(name)) continue;
        if (found == round.found.end()) backups.push_back(unanswered_backup(name));
        else if (found->second) backups.push_back(*found->second);
    }
    return backups;
}

/// What was known of a folder that does not answer stays known. Nothing is left in the round.
void FolderListing::remember(Round& round) {
    std::map<std::string, core::Backup> now;
    std::set<std::string> strays;
    std::lock_guard const lock(round.mutex);
    for (auto const& name : round.names) {
        auto const found = round.found.find(name);
        auto const last = last_.find(name);
        if (found == round.found.end() && last != last_.end()) now.insert(*last);
        bool const is_read = found != round.found.end();
        bool const is_no_backup = is_read ? !found->second : is_stray(name);
        if (is_no_backup && strays.size() < most_strays) strays.insert(name);
        if (is_read && found->second) now.emplace(name, std::move(*found->second));
    }
    last_ = std::move(now);
    std::lock_guard const strays_lock(strays_mutex_);
    strays_ = std::move(strays);
}

bool FolderListing::is_stray(std::string const& name) const {
    std::lock_guard const lock(strays_mutex_);
    return strays_.contains(name);
}

void FolderListing::forget(std::string const& name) {
    std::lock_guard const lock(strays_mutex_);
    strays_.erase(name);
}

Result<std::vector<core::Backup>> FolderListing::list(std::vector<std::string> names, ReadFolder read) {
    std::lock_guard const lock(one_at_a_time_);
    if (auto const few = check_few_unanswered(); !few) return few.error();
    std::erase_if(names, [](std::string const& name) { return !may_be_backup(name); });
    auto const round = std::make_shared<Round>();
    round->reads = reads_;
    round->names = std::move(names);
    round->read = std::move(read);
    round->budget = ListingBudget(most_bytes_);
    try {
        if (auto const done = read_all(round); !done) return done.error();
    } catch (std::system_error const& no_thread) {
        return Error{Errc::io, "LocalPath is not listed: no thread can be started: " + std::string(no_thread.what())};
    }
    auto backups = collected(*round);
    remember(*round);
    return backups;
}

}  // namespace sb::catalog
