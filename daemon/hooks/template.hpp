#pragma once
// From a hook of the configuration to the program and its arguments. The predecessor's rule: the text is split on
// white space first, then {{Variables}} are replaced in each word. No shell, no quoting: a value with spaces stays one
// argument.

#include "common/error.hpp"
#include "common/hook.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sb::hooks {

/// Name (without braces) and value.
using Variables = std::vector<std::pair<std::string, std::string>>;

/// Those that the hook may use. `vm_name` is the VM of a backup, or the new one of a restore.
Variables variables_of(HookInfo const& hook, std::string const& vm_name, std::string const& local_path,
                       std::string const& backup_name);

/// argv for the hook. Values are used as they are and never searched for variables themselves; a variable that the hook
/// does not have is left as written. Errors (`invalid_params`): nothing to run; a NUL byte, which cannot be passed to a
/// program.
Result<std::vector<std::string>> expand(std::string_view command, Variables const& variables);

}  // namespace sb::hooks
