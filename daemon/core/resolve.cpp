#include "daemon/core/resolve.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace sb::core {
namespace {

std::optional<std::uint64_t> number_of(TaskTag const& tag) {
    std::uint64_t number = 0;
    auto const& text = tag.text();
    auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failed != std::errc{} || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return number;
}

bool mentions(std::string_view text, std::string_view word) {
    auto const same = [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
    };
    return !word.empty() && std::ranges::search(text, word, same).begin() != text.end();
}

/// The newest of several: the counter rises.
TaskReport const* newest(std::vector<TaskReport const*> const& tasks) {
    auto const it = std::ranges::max_element(tasks, [](auto* a, auto* b) { return is_later(b->tag, a->tag); });
    return it == tasks.end() ? nullptr : *it;
}

}  // namespace

bool is_later(TaskTag const& tag, TaskTag const& other) {
    auto const mine = number_of(tag);
    auto const theirs = number_of(other);
    return mine && (!theirs || *mine > *theirs);
}

TaskTag highest_tag(std::vector<Vm> const& vms) {
    TaskTag highest;
    for (auto const& vm : vms)
        if (vm.last_task && is_later(vm.last_task->tag, highest)) highest = vm.last_task->tag;
    return highest;
}

std::optional<TaskReport> find_task(Job const& job, std::vector<TaskReport> const& tasks, std::vector<TaskTag> const& taken) {
    std::string_view const verb = job.kind == JobKind::backup ? "export" : "import";
    std::vector<TaskReport const*> ours;
    std::vector<TaskReport const*> named;
    for (auto const& task : tasks) {
        if (!is_later(task.tag, job.tag_before) || std::ranges::find(taken, task.tag) != taken.end()) continue;
        bool const same_vm = !job.vm.empty() && task.object_uuid == job.vm.text();
        bool const names_it = mentions(task.description, job.vm_name) && mentions(task.description, verb);
        if (job.kind == JobKind::backup ? same_vm : (same_vm || names_it)) {
            ours.push_back(&task);
            if (mentions(task.description, verb)) named.push_back(&task);
        }
    }
    // Other tasks may touch the VM at the same time (snapshots, a start): the wording decides where it can.
    if (!named.empty()) return *newest(named);
    if (ours.size() == 1) return *ours.front();
    return std::nullopt;
}

}  // namespace sb::core
