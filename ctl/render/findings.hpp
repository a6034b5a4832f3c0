#pragma once
// The findings of an examination as a page for people.

#include "common/rpc/service.hpp"
#include "ctl/render/look.hpp"

#include <string>
#include <vector>

namespace sb::ctl {

/// A line for each finding, with what to do below it, and a last line that counts.
std::string findings_page(std::vector<rpc::FindingInfo> const& findings, Look const& look);

}  // namespace sb::ctl
