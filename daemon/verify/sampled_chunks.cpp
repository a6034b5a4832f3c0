#include "daemon/verify/sampled_chunks.hpp"

#include "common/text/size_text.hpp"
#include "daemon/verify/digest_reader.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <set>
#include <span>
#include <vector>

namespace sb::verify {
namespace {

/// At this place, and if it is in a hole, also in the data after it: data that was replaced by a hole is found by the
/// former, and a bad sector by the latter.
Result<void> choose_near(platform::RandomAccess const& file, std::uint64_t offset, RandomBelow const& random,
                         std::set<std::uint64_t>& chunks) {
    chunks.insert(offset / chunk_bytes);
    auto data = file.next_data(offset);
    if (data && data->begin >= file.size()) data = file.next_data(0);
    if (!data) return data.error();
    bool const is_inside = data->begin <= offset && offset < data->end;
    if (is_inside || data->begin >= file.size() || data->begin >= data->end) return {};
    chunks.insert((data->begin + random(data->end - data->begin)) / chunk_bytes);
    return {};
}

Result<std::set<std::uint64_t>> choose_chunks(platform::RandomAccess const& file, RandomBelow const& random) {
    std::set<std::uint64_t> chunks;
    auto const count = chunks_of(file.size());
    if (count <= random_samples + 2) {
        for (std::uint64_t chunk = 0; chunk < count; ++chunk) chunks.insert(chunk);
        return chunks;
    }
    chunks = {0, count - 1};
    for (int i = 0; i < random_samples; ++i)
        if (auto const done = choose_near(file, random(file.size()), random, chunks); !done) return done.error();
    return chunks;
}

constexpr auto none = std::numeric_limits<std::uint64_t>::max();

/// The first sampled chunk among these that has another digest, or `none`.
std::uint64_t first_changed(SampledChunks const& file, std::uint64_t begin, DigestReader::Item const& item) {
    auto const end = file.digests.lower_bound(begin + item.count);
    auto const changed = std::find_if(file.digests.lower_bound(begin), end,
                                      [&](auto const& chunk) { return chunk.second != item.chunk; });
    return changed == end ? none : changed->first;
}

Error changed_since(std::string const& file, std::uint64_t chunk) {
    return {Errc::damaged_backup, "'" + file + "' has changed since it was verified: " + size_text(chunk_bytes) +
                                      " at offset " + std::to_string((chunk * chunk_bytes) >> 20) + " MiB"};
}

}  // namespace

Result<std::map<std::uint64_t, Digest>> read_sampled_chunks(platform::RandomAccess const& file,
                                                            RandomBelow const& random) {
    auto const chunks = choose_chunks(file, random);
    if (!chunks) return chunks.error();
    std::map<std::uint64_t, Digest> digests;
    std::vector<std::byte> buffer;
    for (auto const chunk : *chunks) {
        auto const offset = chunk * chunk_bytes;
        auto const length = std::min(chunk_bytes, file.size() - offset);
        buffer.resize(static_cast<std::size_t>(length));
        if (auto const done = file.read(offset, buffer); !done) return done.error();
        file.drop_from_cache(offset, length);
        digests.emplace(chunk, sha256(buffer));
    }
    return digests;
}

Result<void> compare_sampled_chunks(platform::RandomAccess const& digests,
                                    std::map<std::string, SampledChunks> const& files) {
    DigestReader reader(digests);
    auto file = files.end();
    std::uint64_t changed = none;
    std::uint64_t next = 0;  // the number of the next chunk of `file`
    for (;;) {
        auto const item = reader.next();
        if (!item || item->kind == DigestReader::Kind::end) return {};
        if (item->kind == DigestReader::Kind::file) {
            file = files.find(reader.so_far().open->name);
            changed = none;
            next = 0;
        } else if (item->kind == DigestReader::Kind::chunks) {
            if (file != files.end() && changed == none) changed = first_changed(file->second, next, *item);
            next += item->count;
        } else if (item->kind == DigestReader::Kind::root && changed != none) {
            // Only now it is known that these digests are the ones of the manifest's content.
            if (reader.so_far().files.back().root == file->second.root) return changed_since(file->first, changed);
        }
    }
}

}  // namespace sb::verify
