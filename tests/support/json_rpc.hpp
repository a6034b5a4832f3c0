#pragma once
// A client of the control endpoint that shares no code with scale-backupctl: sends one line, reads one line.

#include "common/json/document.hpp"

#include <filesystem>
#include <string>

namespace sb::test {

/// One call on its own connection: the whole response, with "result" or "error". Throws if there is none.
json::Document json_rpc(std::filesystem::path const& socket, std::string const& method,
                        std::string const& params = "{}");

}  // namespace sb::test
