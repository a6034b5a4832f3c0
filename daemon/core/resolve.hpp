#pragma once
// Which of the cluster's tasks is the one that our POST began, when its answer was lost. Pure.
// Source of the rules: tags are a cluster-wide rising counter; objectUUID names the VM worked on; the
// texts of export and import tasks are not documented, so they only break ties.

#include "daemon/core/job.hpp"
#include "daemon/core/vm.hpp"

#include <optional>
#include <vector>

namespace sb::core {

/// True if `tag` was given out after `other`. Tags that are no numbers are never later.
bool is_later(TaskTag const& tag, TaskTag const& other);

/// The highest of all tags, empty if there is none.
TaskTag highest_tag(std::vector<Vm> const& vms);

/// As far as its text tells.
bool is_export(TaskReport const& task);
/// Its state says so. A word that this version does not know says nothing.
bool is_at_work(TaskReport const& task);
/// A restore's: the task works on a VM that the cluster shows under another name.
bool makes_another_vm(Job const& job, TaskReport const& task, std::vector<Vm> const& vms);

/// The one task that can be the job's; nothing if there is none or if several could be.
/// `taken`: tags that belong to other jobs of ours.
std::optional<TaskReport> find_task(Job const& job, std::vector<TaskReport> const& tasks,
                                    std::vector<TaskTag> const& taken);

}  // namespace sb::core
