#pragma once
// The checks of backups' files before their import. A read of LocalPath may hang for hours; such a check keeps only its
// own job waiting, and a job that is cancelled does not wait for it.

#include "common/error.hpp"
#include "daemon/async/task.hpp"
#include "daemon/async/task_group.hpp"
#include "daemon/ports/time.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace sb::engine {

/// What the check of a backup before its import found, with the complete commands that restore it anyway under this
/// name: after reading everything if it was refused because its files were changed, or as it is.
Error with_commands(Error found, std::string const& backup, std::string const& new_vm);

class ImportChecks {
public:
    using Check = std::function<task<Result<void>>(std::string backup)>;
    /// Called about once a second while a job waits. False: the job no longer wants the answer.
    using IsWanted = std::function<bool()>;

    /// Of different backups; a hanging check takes a thread of the verification's pool. One more waits for its turn.
    static constexpr std::size_t most_at_a_time = 4;

    /// The checks run in `group`. Without `check`, all files are right.
    ImportChecks(asio::any_io_executor executor, ports::Time& time, TaskGroup& group, Check check)
        : executor_(executor), time_(time), group_(group), check_(std::move(check)) {}

    /// What the check found; nothing if it was no longer wanted. Then the check may still run: another one of this
    /// backup begins when it has returned, and its result counts for no other job.
    task<std::optional<Result<void>>> run(std::string backup, IsWanted is_wanted);

private:
    struct Running;
    task<void> check(std::string backup, std::shared_ptr<Running> running);
    std::shared_ptr<Running> must_end_before(std::string const& backup) const;
    task<void> wait_a_moment(std::shared_ptr<Running> running);

    asio::any_io_executor executor_;
    ports::Time& time_;
    TaskGroup& group_;
    Check check_;
    std::map<std::string, std::shared_ptr<Running>> running_;  ///< by backup; one each, so that they do not pile up
};

}  // namespace sb::engine
