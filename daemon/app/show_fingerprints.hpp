#pragma once
// Before a fingerprint is configured: shows which certificates the cluster's nodes have, and sends it nothing.

#include "common/config/model.hpp"
#include "common/error.hpp"

#include <string>

namespace sb::app {

/// The text that tells what to put into the config, in the words that users of the predecessor know.
Result<std::string> describe_certificates(config::Scale const& scale);

}  // namespace sb::app
