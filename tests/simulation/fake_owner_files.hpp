#pragma once
// The files of a share in memory that say which installations use it. A write may take long or fail, and shows at the
// beginning or at the end of that time.

#include "common/error.hpp"
#include "daemon/async/task.hpp"
#include "daemon/ports/time.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sb::test {

struct FakeOwnerFiles {
    std::map<std::string, std::string> owners;              ///< by the cluster's uuid
    std::map<std::string, Error> unreadable_owner_files;    ///< likewise
    std::map<std::string, Milliseconds> owner_write_takes;  ///< by a word of the text; after be_slow()
    std::set<std::string> owner_write_shows_early;          ///< likewise
    std::map<std::string, Error> owner_write_fails;         ///< likewise: at its end

    task<Result<std::vector<std::string>>> list_owner_files() {
        std::set<std::string> clusters;
        for (auto const& [cluster, text] : owners) clusters.insert(cluster);
        for (auto const& [cluster, problem] : unreadable_owner_files) clusters.insert(cluster);
        co_return std::vector<std::string>(clusters.begin(), clusters.end());
    }
    task<Result<std::optional<std::string>>> read_owner_file(std::string cluster) {
        if (auto const it = unreadable_owner_files.find(cluster); it != unreadable_owner_files.end())
            co_return it->second;
        std::optional<std::string> text;
        if (auto const it = owners.find(cluster); it != owners.end()) text = it->second;
        co_return text;
    }
    task<Result<void>> replace_owner_file(ports::Time* time, std::string cluster, std::string text) {
        Milliseconds length{0};
        bool shows_early = false;
        std::optional<Error> failure;
        for (auto const& [word, takes] : owner_write_takes)
            if (text.find(word) != std::string::npos) length = takes;
        for (auto const& word : owner_write_shows_early)
            if (text.find(word) != std::string::npos) shows_early = true;
        for (auto const& [word, error] : owner_write_fails)
            if (text.find(word) != std::string::npos) failure = error;
        if (shows_early && !failure) owners[cluster] = text;
        if (length.count() > 0) {
            auto const written = time->steady_now() + length;
            co_await time->sleep_until(written);
        }
        if (failure) co_return *failure;
        if (!shows_early) owners[cluster] = std::move(text);
        co_return boost::system::in_place_value;
    }
};

}  // namespace sb::test
