#include "daemon/core/resolve.hpp"

#include "common/text/ascii.hpp"

#include <algorithm>
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

bool same_letter(char a, char b) { return lower(a) == lower(b); }

bool mentions(std::string_view text, std::string_view word) {
    return !word.empty() && std::ranges::search(text, word, same_letter).begin() != text.end();
}

/// Whether the character can be part of a name. Everything beyond ASCII counts as a letter.
bool may_be_in_a_name(char c) {
    return static_cast<unsigned char>(c) >= 0x80 || is_letter(c) || is_digit(c) || c == '-' || c == '_';
}

/// A full stop belongs to a name only if the name continues after it.
bool continues_a_name(std::string_view text) {
    if (text.starts_with('.')) text.remove_prefix(1);
    return !text.empty() && may_be_in_a_name(text.front());
}

bool ends_in_a_name(std::string_view text) {
    return !text.empty() && (text.back() == '.' || may_be_in_a_name(text.back()));
}

/// As a whole word: a text about 'web2' does not name 'web'.
bool names(std::string_view text, std::string_view name) {
    if (name.empty()) return false;
    for (auto rest = text;;) {
        auto const hit = std::ranges::search(rest, name, same_letter);
        if (hit.begin() == rest.end()) return false;
        auto const at = static_cast<std::size_t>(hit.begin() - text.begin());
        if (!ends_in_a_name(text.substr(0, at)) && !continues_a_name(text.substr(at + name.size()))) return true;
        rest = text.substr(at + 1);
    }
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

bool is_export(TaskReport const& task) { return mentions(task.description, "export"); }

bool is_working(TaskReport const& task) {
    return task.state == TaskState::queued || task.state == TaskState::running ||
           task.state == TaskState::uninitialized;
}

bool is_of_other_kind(Job const& job, TaskReport const& task) {
    std::string_view const verb = job.kind == JobKind::backup ? "export" : "import";
    std::string_view const other = job.kind == JobKind::backup ? "import" : "export";
    if (mentions(job.vm_name, other)) return false;  // the description may mean the VM
    return mentions(task.description, other) && !mentions(task.description, verb);
}

bool is_of_other_vm(Job const& job, TaskReport const& task, std::vector<Vm> const& vms) {
    if (task.object_uuid.empty() || task.object_uuid == job.vm.text()) return false;
    auto const named = std::ranges::find_if(vms, [&](Vm const& vm) { return vm.uuid.text() == task.object_uuid; });
    if (named == vms.end()) return false;
    // Of an import whose answer was lost, only the new VM's name is known.
    return !job.vm.empty() || named->name != job.vm_name;
}

bool makes_another_vm(Job const& job, TaskReport const& task, std::vector<Vm> const& vms) {
    if (job.kind != JobKind::restore) return false;
    return std::ranges::any_of(
        vms, [&](Vm const& vm) { return vm.uuid.text() == task.object_uuid && vm.name != job.vm_name; });
}

std::vector<TaskReport> possible_tasks(Job const& job, std::vector<TaskReport> const& tasks,
                                       std::vector<TaskTag> const& taken) {
    std::string_view const verb = job.kind == JobKind::backup ? "export" : "import";
    std::vector<TaskReport> possible;
    std::vector<TaskReport> named;
    for (auto const& task : tasks) {
        if (!is_later(task.tag, job.tag_before) || std::ranges::find(taken, task.tag) != taken.end()) continue;
        if (is_of_other_kind(job, task)) continue;
        bool const same_vm = !job.vm.empty() && task.object_uuid == job.vm.text();
        bool const names_it = names(task.description, job.vm_name) && mentions(task.description, verb);
        // Of a task without an object it is not known which VM it exports.
        bool const is_any_export = task.object_uuid.empty() && mentions(task.description, verb);
        if (same_vm || (job.kind == JobKind::backup ? is_any_export : names_it)) {
            possible.push_back(task);
            if (mentions(task.description, verb)) named.push_back(task);
        }
    }
    // Other tasks may touch the VM at the same time (snapshots, a start): the description decides where it can.
    if (!named.empty()) return named;
    if (possible.size() > 1) possible.clear();
    return possible;
}

std::optional<TaskReport> find_task(Job const& job, std::vector<TaskReport> const& tasks,
                                    std::vector<TaskTag> const& taken) {
    auto const possible = possible_tasks(job, tasks, taken);
    if (possible.size() != 1) return std::nullopt;
    return possible.front();
}

bool may_be_at_work(std::vector<TaskReport> const& possible, bool folder_exists) {
    return std::ranges::any_of(possible, [&](TaskReport const& task) {
        return is_working(task) && (folder_exists || task.state != TaskState::running);
    });
}

std::string how_it_differs(Job const& job, Vm const& vm) {
    std::vector<std::uint64_t> expected;
    std::vector<std::uint64_t> found;
    for (auto const& disk : job.disks)
        if (is_exported(disk)) expected.push_back(disk.capacity_bytes);
    for (auto const& disk : vm.disks)
        if (is_exported(disk)) found.push_back(disk.capacity_bytes);
    if (expected.size() != found.size())
        return "it has " + std::to_string(found.size()) + " disks instead of " + std::to_string(expected.size());
    std::ranges::sort(expected);
    std::ranges::sort(found);
    for (std::size_t i = 0; i < expected.size(); ++i)
        if (found[i] < expected[i])
            return "a disk of " + std::to_string(expected[i]) + " bytes was restored with " + std::to_string(found[i]) +
                   " bytes";
    return {};
}

}  // namespace sb::core
