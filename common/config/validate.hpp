#pragma once
// From a parsed source to a Config by the descriptors of the keys; everything that is wrong becomes a problem.
// Reads password files, touches nothing else. Internal to this folder; load.hpp is the interface.

#include "common/config/load.hpp"
#include "common/config/report.hpp"
#include "common/config/source.hpp"

namespace sb::config {

/// Adds to what `loaded` already holds.
void validate(Source const& source, Loaded& loaded);

/// The rules that bind several keys, and the files around the configuration: passwords and who can read or change them.
/// For a configuration whose single keys have been read; completes it: passwords from files, the predecessor's log
/// file.
void check_rules(Source const& source, Loaded& loaded, Report& report);

}  // namespace sb::config
