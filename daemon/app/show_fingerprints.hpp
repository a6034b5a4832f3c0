#pragma once
// Before a fingerprint is configured: shows the certificates of the cluster's nodes. Sends them nothing.

#include "common/config/model.hpp"
#include "common/error.hpp"

#include <string>

namespace sb::app {

/// The text that says what to add to the configuration, in the predecessor's words.
Result<std::string> describe_certificates(config::Scale const& scale);

}  // namespace sb::app
