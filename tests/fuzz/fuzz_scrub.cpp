// Texts of a cluster from which our passwords are removed. The first byte says where such a text is cut.
#include "tests/fuzz/cluster_secrets.hpp"
#include "tests/fuzz/linear_time.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size) {
    using namespace sb::fuzz;
    if (size == 0) return 0;
    auto const text = text_of(bytes + 1, size - 1);
    auto const clean = scrub()(text);
    without_password(clean);
    must_hold(scrub()(clean) == clean, "a scrubbed text is not clean");
    must_hold(clean.starts_with(scrub().beginning(text, bytes[0])), "what is cut shows more than the whole");
    without_password(scrub().name(text, text.size()));
    constexpr std::size_t repeated = 64 * 1024;
    must_be_linear(text, repeated, [](std::string_view many) { scrub()(many); });
    return 0;
}
