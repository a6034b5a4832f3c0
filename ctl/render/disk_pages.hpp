#pragma once
// What is shown of single disks, and of the operations around them.

#include "common/rpc/disks.hpp"
#include "ctl/progress.hpp"
#include "ctl/render/look.hpp"

#include <string>
#include <vector>

namespace sb::ctl {

std::string disks_page(std::vector<rpc::VmDiskInfo> const& disks, Look const& look);

/// "taking a snapshot", "cloning", "uploading", "waiting for the conversion".
std::string phase_words(rpc::OperationInfo const& operation);

/// "disk.qcow2  [====>      ]  1.2 GiB of 4 GiB   30 %  118 MiB/s  25 s left", never wider than `width`; phases that
/// are not counted in bytes are told in words.
std::string operation_line(std::string const& name, rpc::OperationInfo const& operation, Forecast const& forecast,
                           std::size_t width);

}  // namespace sb::ctl
