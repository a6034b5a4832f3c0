#pragma once
// Members of the cluster's records that several of them have: bounded, and without our secrets.

#include "common/ids.hpp"
#include "common/json/document.hpp"
#include "daemon/core/vm.hpp"
#include "common/text/scrub.hpp"

#include <cstddef>
#include <string>

namespace sb::hypercore {

// Bytes. Longer texts are cut; what is longer is not an identity.
inline constexpr std::size_t max_word = 64, max_identity = 128, max_name = 255, max_text = 4096;

/// Empty for anything that cannot be an identity.
std::string identity_from(json::View value);
/// A task's tag, which is a number written as a string.
TaskTag task_tag_from(json::View value);
std::string name_from(json::View value, Scrubber const& scrub);

/// A task; its tag is empty if this is not one.
core::TaskReport task_from(json::View record, Scrubber const& scrub);

}  // namespace sb::hypercore
