#pragma once
// From the core's values to those of the control protocol. Pure.

#include "common/rpc/methods.hpp"
#include "daemon/core/forecast.hpp"
#include "daemon/core/job.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/core/run.hpp"
#include "daemon/core/vm.hpp"

namespace sb::app {

rpc::VmInfo present(core::Vm const& vm);
rpc::BackupInfo present(core::Backup const& backup);
rpc::JobInfo present(core::Job const& job);
rpc::RunInfo present(core::Run const& run);
rpc::Forecast::Reply present(core::Forecast const& forecast, bool paused);

}  // namespace sb::app
