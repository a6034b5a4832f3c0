#pragma once
// What was found in folders of another program, and what the rules will make of them, as text for people.

#include "common/rpc/methods.hpp"
#include "ctl/render/look.hpp"

#include <string>
#include <vector>

namespace sb::ctl {

std::string adoption_page(std::vector<rpc::AdoptionInfo> const& folders, Look const& look);

/// Sentences, one for each thing that will be different. `protects`: what would be deleted is protected instead.
std::vector<std::string> preview_sentences(std::vector<rpc::AdoptionInfo> const& folders,
                                           rpc::PreviewAdoption::Reply const& preview, bool protects, Look const& look);

}  // namespace sb::ctl
