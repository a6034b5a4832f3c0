#pragma once
// From a hook of the configuration to the program and its arguments. The predecessor's rule: the text is split on
// white space first, then {{Variables}} are replaced in each word. No shell, no quoting: a value with spaces stays one
// argument.

#include "common/error.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sb::hooks {

/// Name (without braces) and value.
using Variables = std::vector<std::pair<std::string, std::string>>;

/// PreBackup and PostBackup: VMName, LocalPath, BackupName.
Variables backup_variables(std::string vm_name, std::string local_path, std::string backup_name);
/// PreRestore and PostRestore: NewVMName, LocalPath, BackupName.
Variables restore_variables(std::string new_vm_name, std::string local_path, std::string backup_name);
/// PreSchedule and PostSchedule: LocalPath.
Variables schedule_variables(std::string local_path);

/// argv for the hook. Values are used as they are and never searched for variables themselves; a variable that the hook
/// does not have is left as written. Errors (`invalid_params`): nothing to run; a NUL byte, which cannot be passed to a
/// program.
Result<std::vector<std::string>> expand(std::string_view command, Variables const& variables);

}  // namespace sb::hooks
