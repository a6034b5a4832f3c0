#pragma once
// Operations: work that a client waits for and that cannot be resumed after a restart. They exist in memory only; jobs
// are recorded in the journal.

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
    std::string phase;  ///< depends on the kind
    OperationState state = OperationState::running;
    std::uint64_t done_bytes = 0;
    std::uint64_t total_bytes = 0;   ///< 0 = not measured in bytes
    std::string created;             ///< uuid of the created object
    std::vector<std::string> notes;  ///< additional information for the caller
    std::optional<Error> error;
};

/// The work; it writes its progress into the operation, which it keeps alive.
using OperationWork = std::function<task<Result<void>>(std::shared_ptr<Operation>)>;

/// What differs between operations.
struct OperationOptions {
    std::string kind;
    /// The operation is cancelled if no client asks for it for this long; nothing = it runs to its end.
    std::optional<Milliseconds> abandon_after;
    std::string text_when_cancelled;  ///< what a cancelled operation leaves behind
    /// Whose operation it is; nothing = the system does not report who started it.
    std::optional<std::uint32_t> user;
};

class Operations {
public:
    Operations(asio::any_io_executor executor, ports::Time& time) : executor_(executor), time_(time) {}
    Operations(Operations const&) = delete;
    Operations& operator=(Operations const&) = delete;
    ~Operations();  ///< stop() and join() first

    /// `refused` if too many are running.
    Result<Operation> start(OperationOptions terms, OperationWork work);
    /// The operation's state; it is kept alive when the user that started it asks. `not_found` if it finished long ago
    /// or before the daemon's start.
    Result<Operation> get(OperationId id, std::optional<std::uint32_t> user = {});
    /// Cancels it immediately; it may already have finished.
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
