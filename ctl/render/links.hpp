#pragma once
// Which VM continues which earlier one, as text for people.

#include "common/rpc/methods.hpp"
#include "ctl/render/render_options.hpp"

#include <string>

namespace sb::ctl {

/// The links, then those that are possible, each with the commands that decide it. Empty if there are none.
std::string links_page(rpc::ListLinks::Reply const& links, RenderOptions const& options);
/// "VM 'web1' (uuid) is continued by VM 'web1' (uuid): 3 backups count as its own."
std::string link_sentence(rpc::LinkInfo const& link);
/// What became of the backups of a VM whose link has ended.
std::string unlinked_sentence(rpc::LinkInfo const& link);

}  // namespace sb::ctl
