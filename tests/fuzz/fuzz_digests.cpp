// scale-backup.digests as anyone with write access to the share could leave it. Later lines contain the hash of earlier
// ones, so "?" stands for the right hash: otherwise no mutation would get past the first checkpoint.
#include "daemon/verify/digest_reader.hpp"
#include "tests/fuzz/memory_file.hpp"
#include "tests/fuzz/property.hpp"

#include <algorithm>
#include <charconv>

namespace sb::fuzz {
namespace {

using namespace verify;

/// Hashing 2^48 zeros takes minutes, which is valid, but useless here.
constexpr std::uint64_t max_zeros = 2000;

std::uint64_t number_of(std::string_view text) {
    std::uint64_t value = 0;
    auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    return problem == std::errc() ? value : 0;
}

/// Inserts the hashes into the text; nothing if it claims too much.
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
            if (count > max_zeros || (zeros += count) > max_zeros) return std::nullopt;
            for (std::uint64_t i = 0; i < count; ++i) root.update(digest_of_zeros());
        }
        filled += line;
        if (end != std::string_view::npos) filled += '\n';
    }
    return filled;
}

void check_verified(std::string const& text, std::vector<VerifiedFile> const& files) {
    DigestStream stream(std::make_unique<MemoryFile>(text));
    for (auto const& file : files) {
        must_hold(!file.name.empty() && unescape_name(escape_name(file.name)) == file.name,
                  "a file's name has changed");
        Sha256 root;
        for (std::uint64_t i = 0; i < chunks_of(file.size); ++i) {
            auto const chunk = stream.next();
            must_hold(chunk.has_value(), "a file has fewer chunks than when it was accepted");
            root.update(*chunk);
        }
        must_hold(root.so_far() == file.root, "a file's root does not match its chunks");
    }
    must_hold(!stream.next().has_value(), "there are more chunks than the files have");
}

}  // namespace
}  // namespace sb::fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size) {
    using namespace sb::fuzz;
    auto const text = with_hashes(text_of(bytes, size));
    if (!text) return 0;
    MemoryFile const file(*text);
    auto const verified = sb::verify::read_digests(file);
    if (verified) check_verified(*text, *verified);
    else
        must_hold(!verified.error().context.empty() && verified.error().code != sb::Errc::io,
                  "an error without a message, or of another kind");

    sb::verify::DigestReader reader(file);
    if (!reader.next()) return 0;
    auto const resumed = sb::verify::resume_point(file, reader.started());
    if (!resumed) return 0;
    must_hold(resumed->bytes <= text->size(), "a verification resumes past the end of the text");
    auto const above = std::string_view(*text).substr(0, static_cast<std::size_t>(resumed->bytes));
    auto copy = resumed->text;
    must_hold(copy.so_far() == sb::verify::sha256(std::as_bytes(std::span(above))),
              "a verification resumes with another text above it");
    return 0;
}
