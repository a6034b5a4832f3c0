// scale-backup.digests as anybody who may write to the share could leave it. Each line of it is hashed into a later
// one, so
// "?" stands for what the right hash would be: else no mutation would get behind the first mark.
#include "daemon/verify/digest_reader.hpp"
#include "tests/fuzz/memory_file.hpp"
#include "tests/fuzz/property.hpp"

#include <algorithm>
#include <charconv>

namespace sb::fuzz {
namespace {

using namespace verify;

/// A claim of 2^48 zeros is hashed for minutes, which is allowed and of no use here.
constexpr std::uint64_t most_zeros = 2000;

std::uint64_t number_of(std::string_view text) {
    std::uint64_t value = 0;
    auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    return problem == std::errc() ? value : 0;
}

/// Writes the text with its hashes put in; nothing if it claims too much.
std::optional<std::string> with_hashes(std::string_view text) {
    std::string filled;
    Sha256 root;
    std::uint64_t zeros = 0;
    while (!text.empty()) {
        auto const end = text.find('\n');
        std::string line(text.substr(0, end));
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
        if (line == "root ?") line = "root " + hex(root.so_far());
        if (line == "mark ?" || line == "end ?")
            line.replace(line.size() - 1, 1, hex(sha256(std::as_bytes(std::span(filled)))));
        if (line.starts_with("file ")) root = Sha256();
        if (auto const digest = digest_from_hex(line)) root.update(*digest);
        if (line.starts_with("zero ")) {
            auto const count = number_of(std::string_view(line).substr(5));
            if (count > most_zeros || (zeros += count) > most_zeros) return std::nullopt;
            for (std::uint64_t i = 0; i < count; ++i) root.update(digest_of_zeros());
        }
        filled += line;
        if (end != std::string_view::npos) filled += '\n';
    }
    return filled;
}

void check_proven(std::string const& text, std::vector<ProvenFile> const& files) {
    DigestStream stream(std::make_unique<MemoryFile>(text));
    for (auto const& file : files) {
        must_hold(!file.name.empty() && unescape_name(escape_name(file.name)) == file.name,
                  "a file's name is not what was written");
        Sha256 root;
        for (std::uint64_t i = 0; i < chunks_of(file.size); ++i) {
            auto const chunk = stream.next();
            must_hold(chunk.has_value(), "a file has fewer chunks than it was accepted with");
            root.update(*chunk);
        }
        must_hold(root.so_far() == file.root, "a file's root is not that of its chunks");
    }
    must_hold(!stream.next().has_value(), "there are more chunks than files have");
}

}  // namespace
}  // namespace sb::fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size) {
    using namespace sb::fuzz;
    auto const text = with_hashes(text_of(bytes, size));
    if (!text) return 0;
    MemoryFile const file(*text);
    auto const proven = sb::verify::read_digests(file);
    if (proven) check_proven(*text, *proven);
    else
        must_hold(!proven.error().context.empty() && proven.error().code != sb::Errc::io,
                  "an error without words, or of another kind");

    sb::verify::DigestReader reader(file);
    if (!reader.next()) return 0;
    auto const resumed = sb::verify::resume_point(file, reader.begun());
    if (!resumed) return 0;
    must_hold(resumed->bytes <= text->size(), "a proof is taken up behind the end of what was written");
    auto const above = std::string_view(*text).substr(0, static_cast<std::size_t>(resumed->bytes));
    auto copy = resumed->text;
    must_hold(copy.so_far() == sb::verify::sha256(std::as_bytes(std::span(above))),
              "a proof is taken up with another text above it");
    return 0;
}
