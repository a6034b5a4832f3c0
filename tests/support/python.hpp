#pragma once
// Python programs that serve as oracles and servers.

#include <optional>
#include <string>

namespace sb::test {

/// The python3 in PATH; "python3" if there is none.
std::string python();

/// A Python that can import the module; nothing if none can. The system's Python comes first: packages install for it,
/// and PATH may have another one.
std::optional<std::string> python_with(std::string const& module);

}  // namespace sb::test
