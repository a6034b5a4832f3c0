#include "ctl/usage_verify.hpp"

namespace sb::ctl {

std::string_view const verify_page = R"(
Proves backups again, one after the other; without NAME all of them. Waits and
shows progress; Ctrl-C stops the waiting only. Exit code 1 if one is damaged.

  NAME           the backup's folder, as 'show-backups' prints it
  --level LEVEL  structure: definition, disks and their tables
                 content: every byte; compared if proven before (default)
                 reread: the same, refused where nothing was proven before
  --detach       print the jobs' ids, one a line, and return at once

Example:
  scale-backupctl verify 'FILE01 before the update'
)";

}  // namespace sb::ctl
