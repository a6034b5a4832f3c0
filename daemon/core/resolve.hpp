#pragma once
// Finds the cluster task that our POST started when the answer to the POST was lost. Pure.
// Source of the rules: tags are a rising counter of the whole cluster; objectUUID names the VM that the task works on;
// the descriptions of export and import tasks are not documented, so they only break ties.

#include "daemon/core/job.hpp"
#include "daemon/core/vm.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sb::core {

/// True if the cluster assigned `tag` after `other`. Tags that are not numbers are never later.
bool is_later(TaskTag const& tag, TaskTag const& other);

/// The highest of all tags, empty if there is none.
TaskTag highest_tag(std::vector<Vm> const& vms);

/// By its description.
bool is_export(TaskReport const& task);
/// By its state. A state that this version does not know counts as not working.
bool is_working(TaskReport const& task);
/// Whether the task surely does something else than the job ordered: its description names the other kind. Descriptions
/// are not documented, so one that names neither kind says nothing.
bool is_of_other_kind(Job const& job, TaskReport const& task);
/// Whether the task surely works on another VM than the job's: one that the cluster lists. What it writes there for
/// exports is not documented, so an object that is no VM says nothing.
bool is_of_other_vm(Job const& job, TaskReport const& task, std::vector<Vm> const& vms);
/// Restores only: the task works on a VM that has another name at the cluster.
bool makes_another_vm(Job const& job, TaskReport const& task, std::vector<Vm> const& vms);

/// All tasks that can be the job's. That a task fits is no proof: people and other programs export the same VMs.
/// `taken`: tags that belong to other jobs of the daemon.
std::vector<TaskReport> possible_tasks(Job const& job, std::vector<TaskReport> const& tasks,
                                       std::vector<TaskTag> const& taken);
/// The only one of them; nothing if there is none or more than one.
std::optional<TaskReport> find_task(Job const& job, std::vector<TaskReport> const& tasks,
                                    std::vector<TaskTag> const& taken);
/// Whether one of these tasks may still be writing what the job ordered. An export that runs has made its folder.
bool may_be_at_work(std::vector<TaskReport> const& possible, bool folder_exists);

/// How the restored VM differs from the one that was backed up; empty if it does not.
std::string how_it_differs(Job const& job, Vm const& vm);

}  // namespace sb::core
