#pragma once
// Maps a method and a path to a call, with its body and the permission that it needs.

#include "simulator/api/handlers.hpp"
#include "simulator/api/schema.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sb::sim {

enum class Body { none, object, array_of_objects, any, upload };

struct Route {
    std::string_view method;
    std::string_view pattern;     ///< "/rest/v1/VirDomain/{}"
    std::string_view call;        ///< the name used by faults and statistics
    std::string_view permission;  ///< "" = no login required
    Handler handler = nullptr;
    Body body = Body::none;
    Schema const& (*schema)() = nullptr;
    bool takes_query = false;
};

struct Match {
    Route const* route = nullptr;
    bool path_known = false;  ///< the path exists, but perhaps not with this method
    std::vector<std::string> parameters;
};

/// A literal component takes precedence over {}: /VirDomain/import is not the VM "import".
Match find_route(std::string_view method, std::string_view path);

}  // namespace sb::sim
