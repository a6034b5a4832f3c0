#pragma once
// Waits for an errand of the daemon, showing how it goes on.

#include "ctl/client.hpp"
#include "ctl/errand_view.hpp"
#include "ctl/session.hpp"

namespace sb::ctl {

/// The errand as it ended; an error if the way to it was lost, or Ctrl-C was pressed, before that.
task<Result<rpc::ErrandInfo>> follow_errand(Session& session, Client& client, rpc::ErrandInfo errand, std::string name);

}  // namespace sb::ctl
