#pragma once
// What the search for a job's task has shown so far: since when it shows nothing, and since when what the job ordered
// is unchanged. Values only.

#include "common/error.hpp"
#include "daemon/core/resolve.hpp"
#include "daemon/ports/catalog.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sb::engine {

class Silence {
public:
    explicit Silence(SteadyTime started) : unchanged_since_(started) {}

    /// A search: `possible`, tasks that may be the job's; `unanswered`, why the cluster did not answer; `traces`, what
    /// was made.
    void note(SteadyTime now, std::vector<core::TaskReport> possible, std::string unanswered,
              Result<ports::FolderStats> const& traces) {
        // While something grows, the cluster is working, whatever it reports. What cannot be read may grow, too.
        if (!traces || *traces != seen_) unchanged_since_ = now;
        if (traces) seen_ = *traces;
        can_read_ = traces.has_value();
        no_answer_ = traces ? std::move(unanswered) : traces.error().context;
        possible_ = std::move(possible);
        // A cluster that does not answer has not confirmed that it has no such task.
        bool const is_open = !no_answer_.empty() || core::may_be_at_work(possible_, seen_.exists);
        if (is_open) since_.reset();
        else if (!since_) since_ = now;
    }

    /// Whether it has shown nothing for this long.
    bool has_lasted(SteadyTime now, Milliseconds length) const { return since_ && now - *since_ >= length; }
    /// Whether what was made has not changed for this long.
    bool is_unchanged(SteadyTime now, Milliseconds length) const {
        return can_read_ && now - unchanged_since_ >= length;
    }
    /// As last read.
    ports::FolderStats const& seen() const { return seen_; }
    bool can_read() const { return can_read_; }
    /// Why the last search got no answer; empty = it got one.
    std::string const& no_answer() const { return no_answer_; }
    std::vector<core::TaskReport> const& possible() const { return possible_; }

private:
    SteadyTime unchanged_since_;
    std::optional<SteadyTime> since_;
    ports::FolderStats seen_;
    bool can_read_ = false;
    std::string no_answer_;
    std::vector<core::TaskReport> possible_;
};

}  // namespace sb::engine
