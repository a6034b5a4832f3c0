#pragma once

#include "common/config/model.hpp"
#include "daemon/engine/verifier.hpp"

namespace sb::app {

/// [Verify] as the verifier wants it.
engine::VerifySettings verify_settings(config::Config const& config);

}  // namespace sb::app
