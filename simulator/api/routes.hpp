#pragma once
// Which call a method and a path mean, what its body must look like, and which right it needs.

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
    std::string_view call;        ///< the name that faults and statistics use
    std::string_view permission;  ///< "" = no login is needed
    Handler handler = nullptr;
    Body body = Body::none;
    Schema const& (*schema)() = nullptr;
    bool takes_query = false;
};

struct Match {
    Route const* route = nullptr;
    bool path_known = false;  ///< there is such a path, though perhaps not with this method
    std::vector<std::string> parameters;
};

/// A literal part beats a {}: /VirDomain/import is not the VM "import".
Match find_route(std::string_view method, std::string_view path);

}  // namespace sb::sim
