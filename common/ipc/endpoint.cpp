#include "common/ipc/endpoint.hpp"

namespace sb::ipc {

std::filesystem::path readers_endpoint(std::filesystem::path const& endpoint) {
    auto name = endpoint.stem();
    name += "-read";
    name += endpoint.extension();
    return endpoint.parent_path() / name;
}

}  // namespace sb::ipc
