#pragma once
// Waits for an operation of the daemon, showing how it goes on.

#include "ctl/client.hpp"
#include "ctl/operation_view.hpp"
#include "ctl/session.hpp"

namespace sb::ctl {

/// The operation as it ended; an error if the way to it was lost, or Ctrl-C was pressed, before that.
task<Result<rpc::OperationInfo>> follow_operation(Session& session, Client& client, rpc::OperationInfo operation,
                                                  std::string name);

}  // namespace sb::ctl
