#pragma once
// scale-backup.digests: the digests of a backup's content, written when it is verified. Text, so that an administrator
// can check it with sha256sum alone; docs/verification.md describes it.
//
//   scale-backup digests 1
//   begun 2026-03-01T22:00:00+00:00
//   chunk 2097152
//   file 10737418240 FILE01.qcow2      bytes and name; control characters, 0x7f and '%' of the name as %XX
//   <64 hex digits>                    SHA-256 of the next chunk; the last one of a file may be shorter
//   zero 4000                          this many whole chunks of zeros, stored or holes
//   root <64 hex digits>               SHA-256 of the file's chunk digests, concatenated (32 bytes each)
//   mark <64 hex digits>               SHA-256 of everything above this line
//   end <64 hex digits>                the same; the last line

#include "daemon/verify/sha256.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sb::verify {

inline constexpr std::uint64_t chunk_bytes = 2u << 20;
inline constexpr std::string_view digests_first_line = "scale-backup digests 1";

inline std::uint64_t chunks_of(std::uint64_t size) { return size / chunk_bytes + (size % chunk_bytes != 0 ? 1 : 0); }

/// The digest of a whole chunk of zeros.
Digest const& digest_of_zeros();

std::string escape_name(std::string_view name);
std::optional<std::string> unescape_name(std::string_view text);

/// A file whose content was verified.
struct VerifiedFile {
    std::string name;
    std::uint64_t size = 0;
    Digest root{};
    bool operator==(VerifiedFile const&) const = default;
};

}  // namespace sb::verify
