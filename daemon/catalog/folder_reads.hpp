#pragma once
// Which folders of LocalPath are being read, and since when. A disk or a share may hang at one folder and answer for
// all others: such a folder is left alone until its read returns, so that it takes no further threads.

#include "common/error.hpp"
#include "common/time.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace sb::catalog {

/// A folder whose read has not returned for longer than FolderReads::patience.
struct UnansweredFolder {
    std::string folder;
    UtcTime since;
};

class FolderReads {
public:
    using Clock = std::function<std::chrono::steady_clock::time_point()>;

    /// What is read of a folder for a listing takes milliseconds, and a disk that has to spin up some seconds.
    static constexpr std::chrono::seconds patience{8};
    /// Each holds a thread. With more, LocalPath is not listed.
    static constexpr std::size_t most_unanswered = 4;

    explicit FolderReads(Clock clock = [] { return std::chrono::steady_clock::now(); }) : clock_(std::move(clock)) {}

private:
    struct Entry {
        std::string folder;
        std::chrono::steady_clock::time_point since;
        UtcTime since_utc;
    };
    using Entries = std::list<Entry>;  ///< the oldest first

public:
    /// A read in progress; ends with the object. Not for what reads whole images.
    class Reading {
    public:
        Reading(std::shared_ptr<FolderReads> reads, std::string folder);
        Reading(Reading const&) = delete;
        Reading& operator=(Reading const&) = delete;
        ~Reading();

    private:
        std::shared_ptr<FolderReads> reads_;
        Entries::iterator place_;
    };

    std::chrono::steady_clock::time_point now() const { return clock_(); }
    /// The oldest first, each folder once.
    std::vector<UnansweredFolder> unanswered() const;
    /// Since when this folder does not answer; nothing if it does, or if it is not known.
    std::optional<UtcTime> unanswered_since(std::string const& folder) const;
    /// `io` if it does not answer. Call it before reading or changing anything in it.
    Result<void> check_answers(std::string const& folder) const;
    /// Whether a read is in progress.
    bool is_busy() const;

private:
    bool is_unanswered(Entry const& entry) const { return clock_() - entry.since >= patience; }

    Clock clock_;
    mutable std::mutex mutex_;
    Entries entries_;
};

/// For people: "it does not answer: reading it has not returned since ...".
std::string unanswered_text(UtcTime since);

}  // namespace sb::catalog
