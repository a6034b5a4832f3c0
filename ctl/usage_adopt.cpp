#include "ctl/usage_adopt.hpp"

namespace sb::ctl {
namespace {

constexpr std::string_view page = R"(
Takes over folders that another program left in the share, as the predecessor
does: looks at each in full, writes a manifest into those that are whole, and
says what the rules will make of them. Deletes nothing, may be repeated, and
Ctrl-C stops it between two folders. Without NAME it takes all it finds.

What MaxBackups and MaxAge would delete at once is protected ('unprotect' lets
it go). Folders that may still grow, and broken ones, are left as they are;
then the exit code is 1 (3 if there is no folder of that name).

  --dry-run      only look and tell
  --no-protect   protect nothing: the next clean-up deletes by the rules

Example:
  scale-backupctl adopt --dry-run
)";

}  // namespace

CommandWord adopt_word() { return {"adopt", "[NAME ...] [--dry-run] [--no-protect]", "take over old folders", page}; }

}  // namespace sb::ctl
