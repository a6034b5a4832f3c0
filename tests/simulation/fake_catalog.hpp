#pragma once
// A share in memory, used through the same calls as the real one: exports land in folders that only they use and get
// their name at the end.

#include "common/text/ascii.hpp"
#include "daemon/core/landing.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/ports/time.hpp"
#include "tests/simulation/fake_hanging_folders.hpp"
#include "tests/simulation/fake_owner_files.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sb::test {

class FakeCatalog final : public ports::Catalog, public FakeOwnerFiles, public FakeHangingFolders {
public:
    std::set<std::string> folders;                    ///< every folder, backup or not
    std::map<std::string, core::Manifest> manifests;  ///< the backups
    std::map<std::string, core::Manifest> landed;     ///< by landing folder: manifests of exports without their name
    std::map<std::string, VmUuid> unreadable;         ///< by folder with such a manifest: the VM of its definition
    /// By folder, or for landing folders by the backup's name.
    std::map<std::string, Error> bad;            ///< what the inspection finds
    std::map<std::string, Error> unseen;         ///< it cannot be read
    std::map<std::string, UtcTime> changed;      ///< when a file in it was last written to
    std::map<std::string, std::string> foreign;  ///< entries that no export writes
    std::map<std::string, Error> not_whole;      ///< the files that its manifest lists are no longer there, says commit
    std::set<std::string> altered;               ///< backups whose files are not those of their manifest
    std::map<std::string, std::string> remains;  ///< what cannot be removed from the trash
    std::vector<std::string> discarded;
    std::vector<std::string> settled;  ///< commits that were repeated after an interruption: names of backups
    std::optional<Error> renaming_fails, writing_fails, discarding_fails;
    std::map<std::string, Error> renaming_it_fails;                           ///< by landing folder
    bool stuck_before_rename = false, stuck_after_rename = false;             ///< no further; after be_slow()
    std::function<void(core::Manifest&)> on_rename = [](core::Manifest&) {};  ///< a neighbour, meanwhile
    int renames_refused = 0, marks_made = 0, probes = 0;
    ports::Space room{1ull << 50, 1ull << 51};
    std::string mark;                             ///< of the storage; empty = none
    std::deque<Milliseconds> looks_at_mark_take;  ///< each next read of the mark shows its beginning; after be_slow()
    Milliseconds marking_takes{0};                ///< after be_slow()
    std::optional<Error> mark_unreadable, marking_fails;
    std::string boot = "boot 1";  ///< of the machine with the share's disk; empty = not known
    Milliseconds boot_takes{0};   ///< after be_slow()
    /// What waits in the trash, by entry.
    struct Trashed {
        std::string folder;
        core::Manifest manifest;
    };
    std::map<std::string, Trashed> trash;
    std::function<void(std::string const&)> on_empty = [](std::string const&) {};  ///< when that begins
    std::function<void()> on_list_trash;         ///< the next time while it is listed; after be_slow()
    Milliseconds emptying_takes{0};              ///< after be_slow()
    std::vector<std::string> emptied;            ///< folders of the entries whose files were removed
    std::map<std::string, std::uint64_t> size;   ///< of a backup, bytes; also what its final removal frees
    std::map<std::string, std::uint64_t> frees;  ///< what its final removal frees, if that is less than its size
    std::uint64_t freed_late = 0;                ///< not yet in `room`, if `frees_late`
    bool frees_late = false;                     ///< like ZFS, the file system shows freed bytes later: show_freed()
    std::optional<Error> trashing_fails, untrashing_fails, emptying_fails, trash_unreadable;
    std::map<std::string, Error> cannot_read;   ///< by folder: what check_readable() finds
    std::vector<std::string> readings;          ///< folders that check_readable() read
    std::map<std::string, std::string> states;  ///< by folder: what file_states() gives, another text = a changed file
    std::map<std::string, Error> no_states;     ///< likewise: why it fails
    std::string unchanged_states = "scale-backup.json 1 2 900 1.1 1.1\ndisk.qcow2 1 3 4096 1.1 1.1\n";  ///< of others
    std::map<std::string, std::string> manifest_digests;  ///< by folder: Backup::manifest_digest
    std::function<void(std::string const&)> on_read = [](std::string const&) {};
    std::map<std::string, core::DefinedVm> defined;  ///< by backup: what its definition says
    std::optional<Error> probe_fails;
    UtcTime accepts_at{std::chrono::hours{24 * 365 * 56}};  ///< what accept() notes
    std::vector<std::string> removed;  ///< backups that were deleted, permanently or into the trash
    std::function<void(std::string const&)> on_remove = [](std::string const&) {};  ///< runs during the deletion
    std::function<std::uint64_t(std::string const&)> grown = [](std::string const&) { return std::uint64_t{1}; };

    /// Listing takes this long and shows what was there at its start.
    void be_slow(ports::Time& time, Milliseconds length) {
        time_ = &time;
        list_takes_ = length;
    }

    task<Result<std::string>> new_attempt(std::string) override {
        auto digits = std::to_string(++last_attempt_);
        digits.insert(0, core::attempt_digits - digits.size(), '0');
        co_return digits;
    }
    task<Result<void>> check_new_name(std::string folder) override {
        if (folder.find('/') != std::string::npos || core::is_landing_folder(folder))
            co_return Error{Errc::invalid_name, "'" + folder + "' is not a valid backup name"};
        if (is_taken(folder)) co_return Error{Errc::name_in_use, "folder '" + folder + "' exists already"};
        co_return boost::system::in_place_value;
    }
    task<Result<std::vector<core::BackupFile>>> inspect(ports::Expectation expected) override {
        if (auto const* problem = about(bad, expected.folder)) co_return *problem;
        if (!folders.contains(expected.folder))
            co_return Error{Errc::share_not_visible, "no folder '" + expected.folder + "'"};
        std::vector<core::BackupFile> files(1);
        files.front().name = expected.definition_file;
        files.front().role = "definition";
        co_return files;
    }
    task<Result<void>> write_manifest(std::string folder, core::Manifest manifest) override {
        if (writing_fails) co_return *writing_fails;
        bool const is_landing = core::is_landing_folder(folder);
        if (is_landing && !folders.contains(folder)) co_return Error{Errc::not_found, "no folder '" + folder + "'"};
        auto& all = is_landing ? landed : manifests;
        all[folder] = std::move(manifest);
        co_return boost::system::in_place_value;
    }
    task<Result<std::optional<core::Manifest>>> find_manifest(std::string landing, std::string) override {
        if (auto const* problem = about(not_whole, landing); problem != nullptr && landed.contains(landing))
            co_return *problem;
        std::optional<core::Manifest> found;
        if (auto const it = landed.find(landing); it != landed.end()) found = it->second;
        else if (auto const named = backup_of_attempt(landing); named != manifests.end()) found = named->second;
        co_return found;
    }
    task<Result<std::string>> commit(std::string landing, std::string backup) override {
        if (auto const named = backup_of_attempt(landing); named != manifests.end()) {
            settled.push_back(named->first);
            co_return named->first;
        }
        auto const it = landed.find(landing);
        if (it == landed.end()) co_return Error{Errc::not_found, "folder '" + landing + "' does not exist"};
        if (auto const* problem = about(not_whole, landing)) co_return *problem;
        if (renaming_fails) {
            ++renames_refused;
            co_return *renaming_fails;
        }
        if (auto const* problem = about(renaming_it_fails, landing)) co_return *problem;
        if (stuck_before_rename) co_await time_->sleep_until(SteadyTime::max());
        std::string name;
        for (unsigned number = 1; name.empty() || is_taken(name); ++number) name = core::numbered_name(backup, number);
        auto manifest = it->second;
        manifest.backup = name;
        on_rename(manifest);
        landed.erase(it);
        folders.erase(landing);
        folders.insert(name);
        manifests[name] = std::move(manifest);
        if (stuck_after_rename) co_await time_->sleep_until(SteadyTime::max());
        co_return name;
    }
    task<Result<ports::Removal>> discard(std::string landing) override {
        if (discarding_fails) co_return *discarding_fails;
        if (!core::is_landing_folder(landing)) co_return Error{Errc::refused, "'" + landing + "' is not one of ours"};
        if (landed.contains(landing)) co_return Error{Errc::refused, "'" + landing + "' has a manifest"};
        if (about(foreign, landing) != nullptr) co_return Error{Errc::refused, "'" + landing + "' has a foreign entry"};
        folders.erase(landing);
        discarded.push_back(landing);
        co_return removal_of(landing);
    }
    task<Result<ports::Removal>> remove(std::string folder) override {
        if (!folders.contains(folder)) co_return Error{Errc::not_found, "no backup '" + folder + "'"};
        auto const it = manifests.find(folder);
        if (it == manifests.end()) co_return Error{Errc::refused, "'" + folder + "' has no manifest"};
        if (it->second.is_protected) co_return Error{Errc::refused, "backup '" + folder + "' is protected"};
        manifests.erase(it);
        folders.erase(folder);
        removed.push_back(folder);
        on_remove(folder);
        release(folder);
        co_return removal_of(folder);
    }
    task<Result<std::uint64_t>> freed_by_removing(std::string folder) override {
        if (!folders.contains(folder)) co_return Error{Errc::not_found, "no folder '" + folder + "'"};
        auto const* freed = about(frees, folder);
        if (freed == nullptr) freed = about(size, folder);
        co_return freed == nullptr ? std::uint64_t{0} : *freed;
    }
    task<Result<std::string>> new_trash_entry() override { co_return "deleted-" + std::to_string(++last_entry_); }
    task<Result<void>> move_to_trash(std::string folder, std::string entry) override {
        if (!folders.contains(folder)) co_return Error{Errc::not_found, "no backup '" + folder + "'"};
        auto const it = manifests.find(folder);
        if (it == manifests.end()) co_return Error{Errc::refused, "'" + folder + "' has no manifest"};
        if (it->second.is_protected) co_return Error{Errc::refused, "backup '" + folder + "' is protected"};
        if (trashing_fails) co_return *trashing_fails;
        trash[entry].folder = folder;
        trash[entry].manifest = it->second;
        manifests.erase(it);
        folders.erase(folder);
        removed.push_back(folder);
        on_remove(folder);
        co_return boost::system::in_place_value;
    }
    task<Result<void>> take_from_trash(std::string entry, std::string folder, std::string identity) override {
        auto const it = trash.find(entry);
        if (it == trash.end()) co_return Error{Errc::not_found, "'" + entry + "' is not in the trash"};
        if (untrashing_fails) co_return *untrashing_fails;
        if (!identity.empty() && identity != core::identity_of(it->second.manifest))
            co_return Error{Errc::refused, "'" + entry + "' is not the deleted backup '" + folder + "'"};
        if (is_taken(folder)) co_return Error{Errc::name_in_use, "folder '" + folder + "' exists already"};
        auto manifest = it->second.manifest;
        manifest.is_protected = true;
        manifests[folder] = std::move(manifest);
        folders.insert(folder);
        trash.erase(it);
        co_return boost::system::in_place_value;
    }
    task<Result<ports::Removal>> empty_trash_entry(std::string entry) override {
        if (emptying_fails) co_return *emptying_fails;
        on_empty(entry);
        if (emptying_takes.count() > 0) {
            auto const wake = time_->steady_now() + emptying_takes;
            co_await time_->sleep_until(wake);
        }
        auto const it = trash.find(entry);
        if (it == trash.end()) co_return ports::Removal{};
        auto const folder = it->second.folder;
        trash.erase(it);
        emptied.push_back(folder);
        release(folder);
        co_return removal_of(folder);
    }
    task<Result<std::vector<std::string>>> trash_entries() override {
        if (trash_unreadable) co_return *trash_unreadable;
        std::vector<std::string> names;
        for (auto const& [entry, trashed] : trash) names.push_back(entry);
        auto const during = std::exchange(on_list_trash, std::function<void()>());
        if (!during) co_return names;
        during();
        auto const wake = time_->steady_now() + Milliseconds{1};
        co_await time_->sleep_until(wake);
        co_return names;
    }
    task<Result<core::Backup>> accept(std::string folder) override {
        if (!folders.contains(folder)) co_return Error{Errc::not_found, "no backup '" + folder + "'"};
        auto const it = manifests.find(folder);
        if (it == manifests.end()) co_return Error{Errc::refused, "'" + folder + "' has no manifest"};
        it->second.accepted = accepts_at;
        co_return backup_in(folder);
    }
    task<Result<void>> check_readable(std::string folder) override {
        readings.push_back(folder);
        on_read(folder);
        if (!folders.contains(folder)) co_return Error{Errc::not_found, "no backup '" + folder + "'"};
        if (auto const* problem = about(cannot_read, folder)) co_return *problem;
        co_return boost::system::in_place_value;
    }
    task<Result<std::string>> file_states(std::string folder) override {
        if (!folders.contains(folder)) co_return Error{Errc::not_found, "no backup '" + folder + "'"};
        if (auto const* problem = about(no_states, folder)) co_return *problem;
        co_return states.contains(folder) ? states[folder] : unchanged_states;
    }
    task<Result<core::DefinedVm>> defined_vm(std::string folder, std::string) override {
        if (auto const* found = about(defined, folder)) co_return *found;
        co_return core::DefinedVm{};
    }
    task<Result<void>> probe() override {
        ++probes;
        if (probe_fails) co_return *probe_fails;
        co_return boost::system::in_place_value;
    }
    /// The file system shows what was freed.
    void show_freed() {
        room.free_bytes += freed_late;
        freed_late = 0;
    }
    task<Result<core::Backup>> set_protected(std::string folder, bool is_protected) override {
        if (!folders.contains(folder)) co_return Error{Errc::not_found, "no backup '" + folder + "'"};
        auto const it = manifests.find(folder);
        if (it == manifests.end()) co_return Error{Errc::refused, "'" + folder + "' has no manifest"};
        it->second.is_protected = is_protected;
        co_return backup_in(folder);
    }
    task<Result<bool>> exists(std::string folder) override { co_return folders.contains(folder); }
    task<Result<ports::FolderStats>> folder_stats(std::string folder) override {
        if (auto const* problem = about(unseen, folder)) co_return *problem;
        ports::FolderStats stats;
        stats.exists = folders.contains(folder);
        if (stats.exists) stats.bytes = grown(folder);
        if (auto const* time = about(changed, folder)) stats.newest_change = *time;
        if (auto const* entry = about(foreign, folder)) stats.foreign_entry = *entry;
        co_return stats;
    }
    task<Result<core::Backup>> find(std::string folder) override {
        if (!folders.contains(folder) || core::is_landing_folder(folder))
            co_return Error{Errc::not_found, "no backup '" + folder + "'"};
        co_return if_it_answers(backup_in(folder));
    }
    task<Result<std::vector<core::Backup>>> list() override {
        std::vector<core::Backup> all;
        all.reserve(folders.size());
        for (auto const& folder : folders)
            if (!core::is_landing_folder(folder)) all.push_back(backup_in(folder));
        if (time_ != nullptr) {
            auto const listed = time_->steady_now() + list_takes_;
            co_await time_->sleep_until(listed);
        }
        co_return as_listed(std::move(all));
    }
    task<Result<ports::Space>> space() override { co_return room; }
    task<std::string> boot_of_disk() override {
        if (boot_takes.count() > 0) {
            auto const wake = time_->steady_now() + boot_takes;
            co_await time_->sleep_until(wake);
        }
        co_return boot;
    }
    task<Result<ports::StorageMark>> storage_mark() override {
        if (mark_unreadable) co_return *mark_unreadable;
        ports::StorageMark found{"/share", mark, !manifests.empty()};
        if (!looks_at_mark_take.empty()) {
            auto const wake = time_->steady_now() + looks_at_mark_take.front();
            looks_at_mark_take.pop_front();
            co_await time_->sleep_until(wake);
        }
        co_return found;
    }
    task<Result<std::vector<std::string>>> landing_folders() override {
        std::vector<std::string> names;
        for (auto const& folder : folders)
            if (core::is_landing_folder(folder)) names.push_back(folder);
        co_return names;
    }
    task<Result<std::vector<std::string>>> owner_files() override { return list_owner_files(); }
    task<Result<std::optional<std::string>>> owner_file(std::string cluster) override {
        return read_owner_file(std::move(cluster));
    }
    task<Result<void>> write_owner_file(std::string cluster, std::string text) override {
        return replace_owner_file(time_, std::move(cluster), std::move(text));
    }
    task<Result<std::string>> mark_storage() override {
        if (marking_fails) co_return *marking_fails;
        auto made = std::string(mark.empty() ? "made here" : "made over another one");
        if (marking_takes.count() > 0) {
            auto const wake = time_->steady_now() + marking_takes;
            co_await time_->sleep_until(wake);
        }
        mark = std::move(made);
        ++marks_made;
        co_return mark;
    }

private:
    bool is_taken(std::string const& name) const {
        return folders.contains(name) ||
               std::ranges::any_of(folders, [&](auto const& each) { return equal_ignoring_case(each, name); });
    }
    std::map<std::string, core::Manifest>::const_iterator backup_of_attempt(std::string const& landing) const {
        auto const attempt = core::attempt_of(landing);
        return std::ranges::find_if(manifests, [&](auto const& entry) { return entry.second.attempt == attempt; });
    }
    void release(std::string const& folder) {
        auto const* bytes = about(frees, folder);
        if (bytes == nullptr) bytes = about(size, folder);
        if (bytes == nullptr) return;
        (frees_late ? freed_late : room.free_bytes) += *bytes;
    }
    ports::Removal removal_of(std::string const& folder) const {
        ports::Removal removal;
        if (auto const* text = about(remains, folder)) removal.remains = *text;
        return removal;
    }
    template <class T>
    static T const* about(std::map<std::string, T> const& known, std::string const& folder) {
        auto it = known.find(folder);
        if (it == known.end() && core::is_landing_folder(folder)) it = known.find(folder.substr(0, folder.rfind('.')));
        return it == known.end() ? nullptr : &it->second;
    }
    core::Backup backup_in(std::string const& folder) const {
        core::Backup backup;
        backup.name = folder;
        backup.folder = folder;
        if (auto const* bytes = about(size, folder)) backup.size_bytes = *bytes;
        if (auto const it = manifests.find(folder); it != manifests.end()) {
            backup.state = core::BackupState::complete;
            backup.manifest = it->second;
            if (auto const* digest = about(manifest_digests, folder)) backup.manifest_digest = *digest;
            if (altered.contains(folder)) {
                backup.state = core::BackupState::damaged;
                backup.problem = "a file has another size";
            }
            if (it->second.damage) {
                backup.state = core::BackupState::damaged;
                backup.problem = it->second.damage->reason;
            }
        } else {
            backup.problem = "no manifest";
        }
        if (auto const it = unreadable.find(folder); it != unreadable.end()) {
            backup.state = core::BackupState::damaged;
            backup.manifest.reset();
            backup.presumed_vm = it->second;
            backup.problem = "its manifest cannot be read";
        }
        return backup;
    }

    ports::Time* time_ = nullptr;
    Milliseconds list_takes_{0};
    int last_attempt_ = 0, last_entry_ = 0;
};

}  // namespace sb::test
