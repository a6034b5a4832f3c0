#include "daemon/app/machine_mark.hpp"

#include "daemon/platform/machine_id.hpp"
#include "daemon/verify/sha256.hpp"

#include <span>

namespace sb::app {

std::string machine_mark() {
    auto const id = platform::machine_id();
    if (id.empty()) return {};
    auto const text = "scale-backup machine " + id;
    return verify::hex(verify::sha256(std::as_bytes(std::span(text)))).substr(0, installation_digits);
}

}  // namespace sb::app
