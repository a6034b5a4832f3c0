#pragma once
// The cluster's tasks: increasing decimal tags, QUEUED -> RUNNING -> COMPLETE or ERROR, never backwards.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sb::sim {

enum class TaskState { queued, running, complete, error };

struct Task {
    std::uint64_t tag = 0;
    TaskState state = TaskState::queued;
    int progress = 0;
    std::string kind;         ///< "export", "import", "action", …: for matching faults and statistics
    std::string description;  ///< with a `%@` for each parameter
    std::vector<std::string> parameters;
    std::string message;  ///< the reason of an ERROR, with `%@`
    std::vector<std::string> message_parameters;
    std::string object_uuid;
    std::string session_id;
    std::vector<std::string> nodes;
    std::int64_t created = 0;
    std::int64_t modified = 0;
    std::int64_t completed = 0;

    bool ended() const { return state == TaskState::complete || state == TaskState::error; }
};

class TaskBoard {
public:
    using WallClock = std::function<std::int64_t()>;  ///< Unix seconds

    /// Finished tasks are dropped `keep_seconds` after their end; 0 = never.
    TaskBoard(WallClock clock, std::uint64_t first_tag, std::int64_t keep_seconds)
        : clock_(std::move(clock)), next_(first_tag), keep_seconds_(keep_seconds) {}

    /// Adds a task in state QUEUED; sets its tag and times. Returns the tag.
    std::string enter(Task task);
    void run(std::string const& tag);
    /// Never decreases, and stays below 100 until complete().
    void progress(std::string const& tag, int percent);
    void complete(std::string const& tag);
    void fail(std::string const& tag, std::string message, std::vector<std::string> parameters);

    Task const* find(std::string_view tag);
    /// The newest task of the object; nullptr if there is none.
    Task const* latest_of(std::string const& object_uuid) const;
    std::vector<Task const*> all();
    /// Called once, as soon as no task is in progress: immediately if none is.
    void when_all_ended(std::function<void()> heard);

private:
    Task* open_task(std::string const& tag);
    void forget_old();
    void tell_if_all_ended();

    WallClock clock_;
    std::uint64_t next_;
    std::int64_t keep_seconds_;
    std::map<std::uint64_t, Task> tasks_;
    std::map<std::string, std::uint64_t> latest_;
    std::vector<std::function<void()>> waiting_for_the_last_;
};

std::string_view name_of(TaskState state);

}  // namespace sb::sim
