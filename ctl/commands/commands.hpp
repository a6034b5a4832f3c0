#pragma once
// One function for each command. Each lives in a file of its name and returns the exit code.

#include "common/task.hpp"
#include "ctl/session.hpp"

namespace sb::ctl {

task<int> carry_out(Session& session, ShowVms command);
task<int> carry_out(Session& session, Backup command);
task<int> carry_out(Session& session, Restore command);
task<int> carry_out(Session& session, InteractiveRestore command);
task<int> carry_out(Session& session, ShowBackups command);
task<int> carry_out(Session& session, Jobs command);
task<int> carry_out(Session& session, Status command);
task<int> carry_out(Session& session, Watch command);
task<int> carry_out(Session& session, Cancel command);
task<int> carry_out(Session& session, Schedule command);
task<int> carry_out(Session& session, Runs command);
task<int> carry_out(Session& session, ShowQueue command);
task<int> carry_out(Session& session, Why command);
task<int> carry_out(Session& session, Plan command);
task<int> carry_out(Session& session, Pause command);
task<int> carry_out(Session& session, Prune command);
task<int> carry_out(Session& session, Protect command);
task<int> carry_out(Session& session, Doctor command);
task<int> carry_out(Session& session, Reload command);
task<int> carry_out(Session& session, Adopt command);
task<int> carry_out(Session& session, NotifyTest command);
task<int> carry_out(Session& session, Metrics command);
task<int> carry_out(Session& session, Verify command);
task<int> carry_out(Session& session, ShowDisks command);
task<int> carry_out(Session& session, CloneDisk command);
task<int> carry_out(Session& session, UploadDiskMedia command);
task<int> carry_out(Session& session, Version command);
task<int> carry_out(Session& session, Completion command);
task<int> carry_out(Session& session, Complete command);
task<int> carry_out(Session& session, Help command);

}  // namespace sb::ctl
