// Refusals of a cluster, or of an impostor: pages, JSON and plain text that become one line of an error.
#include "tests/fuzz/cluster_secrets.hpp"
#include "tests/fuzz/linear_time.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size) {
    using namespace sb::fuzz;
    if (size < 2) return 0;
    auto const input = text_of(bytes, size);
    check_refusal(input);
    constexpr std::size_t repeated = 200 * 1024;
    auto const head = std::string(input.substr(0, 2));
    must_be_linear(input.substr(2), repeated, [&](std::string_view many) { check_refusal(head + std::string(many)); });
    return 0;
}
