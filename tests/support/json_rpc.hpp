#pragma once
// A client of the control endpoint that shares no code with scale-backupctl: one line there, one line back.

#include "common/json/document.hpp"

#include <filesystem>
#include <string>

namespace sb::test {

/// One call on a connection of its own: the whole answer, with "result" or "error". Throws if there is none.
json::Document json_rpc(std::filesystem::path const& socket, std::string const& method,
                        std::string const& params = "{}");

}  // namespace sb::test
