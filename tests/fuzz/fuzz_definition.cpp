// The definition XML as anyone with write access to the share could leave it.
#include "daemon/verify/definition.hpp"
#include "tests/fuzz/property.hpp"

namespace sb::fuzz {
namespace {

bool same(verify::Definition const& a, verify::Definition const& b) {
    bool alike = a.name == b.name && a.uuid == b.uuid && a.description == b.description && a.tags == b.tags &&
                 a.vcpus == b.vcpus && a.memory_bytes == b.memory_bytes && a.disks.size() == b.disks.size() &&
                 a.nics.size() == b.nics.size();
    for (std::size_t i = 0; alike && i < a.disks.size(); ++i)
        alike = a.disks[i].base == b.disks[i].base && a.disks[i].device == b.disks[i].device;
    return alike;
}

void check(Result<verify::Definition> const& parsed) {
    if (!parsed) {
        auto const code = parsed.error().code;
        must_hold(code == Errc::damaged_backup || code == Errc::incomplete_backup, "an error of another kind");
        must_hold(!parsed.error().context.empty(), "an error without a message");
        return;
    }
    must_hold(!parsed->name.empty(), "a VM without a name");
    must_hold(parsed->disks.size() <= verify::max_definition_entries &&
                  parsed->nics.size() <= verify::max_definition_entries &&
                  parsed->tags.size() <= verify::max_definition_entries,
              "a list longer than its limit");
    for (auto const& disk : parsed->disks) {
        bool const inside = disk.base != "." && disk.base != ".." &&
                            disk.base.find_first_of("/\\") == std::string::npos &&
                            disk.base.find('\0') == std::string::npos;
        must_hold(inside, "a disk that could be outside its folder");
    }
    for (auto const& tag : parsed->tags) must_hold(!tag.empty(), "an empty tag");
}

}  // namespace
}  // namespace sb::fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size) {
    using namespace sb::fuzz;
    std::string const text(text_of(bytes, size));
    auto const parsed = sb::verify::parse_definition(text);
    check(parsed);
    if (text.size() + 512 > sb::verify::max_definition_bytes) return 0;
    auto const padded = sb::verify::parse_definition(text + std::string(512, '\0'));
    must_hold(parsed.has_value() == padded.has_value(), "the padding of a real export makes a difference");
    if (parsed) must_hold(same(*parsed, *padded), "the padding of a real export changes the VM");
    return 0;
}
