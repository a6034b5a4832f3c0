#pragma once
// Operations: pieces of work that somebody waits for and that no restart takes up, because nothing of them could be.
// They stand in memory only; a job of the journal is another thing.

#include "common/error.hpp"
#include "daemon/async/task_group.hpp"
#include "daemon/ports/time.hpp"

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sb::engine {

using OperationId = std::uint64_t;

enum class OperationState { running, succeeded, failed, cancelled };

struct Operation {
    OperationId id = 0;
    std::string kind;   ///< "clone-disk", "upload-disk-media"
    std::string phase;  ///< a word of its kind
    OperationState state = OperationState::running;
    std::uint64_t done_bytes = 0;
    std::uint64_t total_bytes = 0;   ///< 0 = it is not counted in bytes
    std::string created;             ///< uuid of what was made
    std::vector<std::string> notes;  ///< what the caller should know besides, in words
    std::optional<Error> error;
};

/// What to do; it writes its progress into the operation, which lives long enough.
using OperationWork = std::function<task<Result<void>>(std::shared_ptr<Operation>)>;

/// How an operation differs from others.
struct OperationTerms {
    std::string kind;
    /// It is cancelled when nobody has asked for it for so long; nothing = it goes on to its end.
    std::optional<Milliseconds> patience;
    std::string words_when_cancelled;  ///< what then is left behind
};

class Operations {
public:
    Operations(asio::any_io_executor executor, ports::Time& time) : executor_(executor), time_(time) {}
    Operations(Operations const&) = delete;
    Operations& operator=(Operations const&) = delete;
    ~Operations();  ///< stop() and join() first

    /// `refused` if too many are under way.
    Result<Operation> start(OperationTerms terms, OperationWork work);
    /// How it stands; asking keeps it alive. `not_found` for one that ended long ago, or before the daemon's start.
    Result<Operation> get(OperationId id);
    /// Ends it at once; it may have ended by itself before.
    Result<Operation> cancel(OperationId id);

    void stop();
    task<void> join();

private:
    struct Entry;

    std::shared_ptr<Entry> find(OperationId id) const;
    void forget_old();
    static task<void> run(std::shared_ptr<Entry> entry, OperationWork work);
    static task<void> watch(std::shared_ptr<Entry> entry, ports::Time& time);
    static void end(Entry& entry, Result<void> const& outcome);
    static void cancel_now(Entry& entry);

    asio::any_io_executor executor_;
    ports::Time& time_;
    std::list<std::shared_ptr<Entry>> entries_;  ///< oldest first
    OperationId last_id_ = 0;
    bool stopping_ = false;
};

}  // namespace sb::engine
