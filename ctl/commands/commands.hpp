#pragma once
// One function for each command. Each lives in a file of its name and returns the exit code.

#include "common/task.hpp"
#include "ctl/session.hpp"

namespace sb::ctl {

task<int> run_command(Session& session, ShowVms command);
task<int> run_command(Session& session, Backup command);
task<int> run_command(Session& session, Restore command);
task<int> run_command(Session& session, InteractiveRestore command);
task<int> run_command(Session& session, ShowBackups command);
task<int> run_command(Session& session, Jobs command);
task<int> run_command(Session& session, Status command);
task<int> run_command(Session& session, Watch command);
task<int> run_command(Session& session, Cancel command);
task<int> run_command(Session& session, Schedule command);
task<int> run_command(Session& session, Runs command);
task<int> run_command(Session& session, ShowQueue command);
task<int> run_command(Session& session, Why command);
task<int> run_command(Session& session, Plan command);
task<int> run_command(Session& session, Pause command);
task<int> run_command(Session& session, Prune command);
task<int> run_command(Session& session, Protect command);
task<int> run_command(Session& session, Doctor command);
task<int> run_command(Session& session, Reload command);
task<int> run_command(Session& session, Adopt command);
task<int> run_command(Session& session, NotifyTest command);
task<int> run_command(Session& session, Metrics command);
task<int> run_command(Session& session, Verify command);
task<int> run_command(Session& session, ShowDisks command);
task<int> run_command(Session& session, CloneDisk command);
task<int> run_command(Session& session, UploadDiskMedia command);
task<int> run_command(Session& session, Version command);
task<int> run_command(Session& session, Completion command);
task<int> run_command(Session& session, Complete command);
task<int> run_command(Session& session, Help command);

}  // namespace sb::ctl
