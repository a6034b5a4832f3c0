#pragma once
// The daemon's answers as text for people: one function for each command. Every line ends with a newline.

#include "common/rpc/methods.hpp"
#include "ctl/render/look.hpp"

#include <string>
#include <vector>

namespace sb::ctl {

/// Bare names, one a line, sorted by bytes. On a terminal control characters are escaped; into a pipe only
/// line ends are, because one line must stay one VM.
std::string vm_names(std::vector<rpc::VmInfo> const& vms, bool terminal);
/// By name, then uuid: the order of show-vms.
void sort_by_name(std::vector<rpc::VmInfo>& vms);

std::string backups_page(std::vector<rpc::BackupInfo> const& backups, Look const& look);
std::string jobs_page(std::vector<rpc::JobInfo> const& jobs, Look const& look);
std::string status_page(rpc::Status::Reply const& status, Look const& look);

}  // namespace sb::ctl
