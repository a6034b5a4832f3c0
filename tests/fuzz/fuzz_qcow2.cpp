// A disk image as anyone with write access to the share could leave it: the input itself, and the input followed by a
// hole that makes it as long as a real image. Small inputs must be cheap, whatever they claim.
#include "daemon/verify/qcow2.hpp"
#include "tests/fuzz/memory_file.hpp"
#include "tests/fuzz/property.hpp"

namespace sb::fuzz {
namespace {

constexpr std::uint64_t most_tables =
    64u << 20;  ///< QEMU's limits: L1 32 MiB, refcount table 8 MiB; each is read twice or thrice

void check(std::string_view bytes, std::uint64_t hole) {
    MemoryFile const image(bytes, hole);
    auto const found = verify::check_qcow2(image);
    // Each 8 bytes of an L1 table can refer to an L2 table, which is read twice; its cluster is no longer than the
    // file.
    auto const with_l2 = (bytes.size() / 8 + 1) * 2 * (std::uint64_t{2} << 20);
    must_hold(image.bytes_read() <= most_tables * 3 + with_l2,
              "far more is read than an image of this length can need");
    if (!found) {
        auto const code = found.error().code;
        must_hold(code == Errc::damaged_backup || code == Errc::incomplete_backup || code == Errc::refused,
                  "an error of another kind");
        must_hold(is_printable(found.error().context) && !found.error().context.empty(), "an error without a message");
        return;
    }
    must_hold(found->version == 2 || found->version == 3, "an unknown version");
    must_hold(found->virtual_bytes <= (std::uint64_t{1} << 63), "a disk that is longer than any file");
    must_hold(found->compressed_clusters <= found->data_clusters, "more compressed clusters than clusters");
    auto const clusters = image.size() / found->cluster_bytes + 1;
    must_hold(found->leaked_clusters <= clusters, "more leaked clusters than clusters");
}

}  // namespace
}  // namespace sb::fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size) {
    using namespace sb::fuzz;
    auto const text = text_of(bytes, size);
    check(text, 0);
    // Bytes that no table refers to determine the length of the hole, so that all inputs are plain images.
    if (!text.empty()) check(text, std::uint64_t{1} << (bytes[size - 1] % 42));
    return 0;
}
