#include "simulator/tasks/task_board.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace sb::sim {
namespace {

/// 0 if it is not one of our tags.
std::uint64_t number_of(std::string_view tag) {
    std::uint64_t number = 0;
    auto const [end, error] = std::from_chars(tag.data(), tag.data() + tag.size(), number);
    return error == std::errc() && end == tag.data() + tag.size() ? number : 0;
}

}  // namespace

std::string_view name_of(TaskState state) {
    switch (state) {
        case TaskState::queued: return "QUEUED";
        case TaskState::running: return "RUNNING";
        case TaskState::complete: return "COMPLETE";
        case TaskState::error: return "ERROR";
    }
    return "UNINITIALIZED";
}

std::string TaskBoard::enter(Task task) {
    task.tag = next_++;
    task.state = TaskState::queued;
    task.created = task.modified = clock_();
    auto const tag = task.tag;
    if (!task.object_uuid.empty()) latest_[task.object_uuid] = tag;
    tasks_.emplace(tag, std::move(task));
    return std::to_string(tag);
}

Task* TaskBoard::open_task(std::string const& tag) {
    auto const found = tasks_.find(number_of(tag));
    if (found == tasks_.end() || found->second.ended()) return nullptr;
    found->second.modified = clock_();
    return &found->second;
}

void TaskBoard::run(std::string const& tag) {
    if (auto* task = open_task(tag)) task->state = TaskState::running;
}

void TaskBoard::progress(std::string const& tag, int percent) {
    if (auto* task = open_task(tag)) task->progress = std::clamp(percent, task->progress, 99);
}

void TaskBoard::complete(std::string const& tag) {
    auto* task = open_task(tag);
    if (!task) return;
    task->state = TaskState::complete;
    task->progress = 100;
    task->completed = task->modified;
    tell_if_all_ended();
}

void TaskBoard::fail(std::string const& tag, std::string message, std::vector<std::string> parameters) {
    auto* task = open_task(tag);
    if (!task) return;
    task->state = TaskState::error;
    task->message = std::move(message);
    task->message_parameters = std::move(parameters);
    task->completed = task->modified;
    tell_if_all_ended();
}

void TaskBoard::forget_old() {
    if (keep_seconds_ <= 0) return;
    auto const limit = clock_() - keep_seconds_;
    std::erase_if(tasks_,
                  [limit](auto const& entry) { return entry.second.ended() && entry.second.completed < limit; });
}

Task const* TaskBoard::find(std::string_view tag) {
    forget_old();
    auto const found = tasks_.find(number_of(tag));
    return found == tasks_.end() ? nullptr : &found->second;
}

Task const* TaskBoard::latest_of(std::string const& object_uuid) const {
    auto const tag = latest_.find(object_uuid);
    if (tag == latest_.end()) return nullptr;
    auto const found = tasks_.find(tag->second);
    return found == tasks_.end() ? nullptr : &found->second;
}

std::vector<Task const*> TaskBoard::all() {
    forget_old();
    std::vector<Task const*> found;
    for (auto const& [tag, task] : tasks_) found.push_back(&task);
    return found;
}

void TaskBoard::when_all_ended(std::function<void()> heard) {
    waiting_for_the_last_.push_back(std::move(heard));
    tell_if_all_ended();
}

void TaskBoard::tell_if_all_ended() {
    if (!std::ranges::all_of(tasks_, [](auto const& entry) { return entry.second.ended(); })) return;
    for (auto const& heard : std::exchange(waiting_for_the_last_, {})) heard();
}

}  // namespace sb::sim
