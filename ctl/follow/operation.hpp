#pragma once
// Waits for an operation of the daemon (a clone, an upload) and shows its progress.

#include "ctl/client.hpp"
#include "ctl/session.hpp"

#include <string>

namespace sb::ctl {

/// The operation as it ended; an error if the connection was lost, or Ctrl-C was pressed, before that. `name`: of the
/// file or the disk.
task<Result<rpc::OperationInfo>> follow_operation(Session& session, Client& client, rpc::OperationInfo operation,
                                                  std::string name);

}  // namespace sb::ctl
