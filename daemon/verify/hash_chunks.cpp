#include "daemon/verify/hash_chunks.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <optional>
#include <thread>

namespace sb::verify {
namespace {

// Fits in the processor's L2 cache between the copy and the hash.
constexpr std::size_t piece_bytes = 128 * 1024;
// A slice must end soon even if it contains only holes.
constexpr std::size_t max_chunks = 16'384;

/// One chunk and the location of its data; the rest is zeros.
struct Chunk {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
    std::vector<platform::DataRange> data;
};

class Hasher {
public:
    explicit Hasher(platform::RandomAccess const& file) : file_(file), piece_(piece_bytes) {}

    Result<Digest> digest_of(Chunk const& chunk) {
        if (chunk.data.empty() && chunk.end - chunk.begin == chunk_bytes) return digest_of_zeros();
        auto at = chunk.begin;
        for (auto const& range : chunk.data) {
            add_zeros(range.begin - at);
            for (at = range.begin; at < range.end;) {
                auto const length = std::min<std::uint64_t>(piece_.size(), range.end - at);
                auto const part = std::span(piece_).first(static_cast<std::size_t>(length));
                if (auto done = file_.read(at, part); !done) return done.error();
                hash_.update(part);
                at += length;
            }
        }
        add_zeros(chunk.end - at);
        return hash_.finish();
    }

private:
    void add_zeros(std::uint64_t count) {
        static constexpr std::array<std::byte, 4096> zeros{};
        for (std::uint64_t done = 0; done < count;) {
            auto const length = std::min<std::uint64_t>(zeros.size(), count - done);
            hash_.update(std::span(zeros).first(static_cast<std::size_t>(length)));
            done += length;
        }
    }

    platform::RandomAccess const& file_;
    std::vector<std::byte> piece_;
    Sha256 hash_;
};

Result<std::vector<Chunk>> chunks_from(platform::RandomAccess const& file, std::uint64_t first,
                                       std::uint64_t max_bytes) {
    std::vector<Chunk> chunks;
    std::optional<platform::DataRange> ahead;  // the next data range, found but not used up
    std::uint64_t planned = 0;
    for (auto begin = first * chunk_bytes; begin < file.size(); begin += chunk_bytes) {
        if (!chunks.empty() && (planned >= max_bytes || chunks.size() == max_chunks)) break;
        Chunk chunk{begin, std::min(begin + chunk_bytes, file.size()), {}};
        for (auto at = chunk.begin; at < chunk.end;) {
            if (!ahead || ahead->end <= at) {
                auto const found = file.next_data(at);
                if (!found) return found.error();
                ahead = *found;
                bool const no_more = ahead->begin >= file.size() || ahead->begin == ahead->end;
                if (no_more) ahead = platform::DataRange{UINT64_MAX, UINT64_MAX};
            }
            if (ahead->begin >= chunk.end) break;
            platform::DataRange const range{std::max(at, ahead->begin), std::min(chunk.end, ahead->end)};
            chunk.data.push_back(range);
            planned += range.end - range.begin;
            at = range.end;
        }
        chunks.push_back(std::move(chunk));
    }
    return chunks;
}

/// Instead of std::jthread, which libc++ 16 does not have (FreeBSD 14).
struct JoiningThreads {
    std::vector<std::thread> threads;
    JoiningThreads() = default;
    JoiningThreads(JoiningThreads const&) = delete;
    JoiningThreads& operator=(JoiningThreads const&) = delete;
    ~JoiningThreads() {
        for (auto& thread : threads) thread.join();
    }
};

}  // namespace

Result<Hashed> hash_chunks(platform::RandomAccess const& file, std::uint64_t first, std::uint64_t max_bytes,
                           unsigned threads) {
    auto const chunks = chunks_from(file, first, max_bytes);
    if (!chunks) return chunks.error();
    Hashed hashed;
    hashed.digests.resize(chunks->size());
    std::atomic<std::size_t> next{0};
    std::mutex failure_mutex;
    std::optional<Error> failure;
    auto const work = [&] {
        Hasher hasher(file);
        for (auto i = next++; i < chunks->size(); i = next++) {
            auto const digest = hasher.digest_of((*chunks)[i]);
            if (digest) {
                hashed.digests[i] = *digest;
                continue;
            }
            std::lock_guard const lock(failure_mutex);
            if (!failure) failure = digest.error();
            next = chunks->size();
        }
    };
    {
        JoiningThreads helpers;
        auto const useful = std::min<std::size_t>(threads, chunks->size());
        for (std::size_t i = 1; i < useful; ++i) helpers.threads.emplace_back(work);
        work();
    }
    if (failure) return *failure;
    for (auto const& chunk : *chunks)
        for (auto const& range : chunk.data) {
            hashed.read_bytes += range.end - range.begin;
            file.drop_from_cache(range.begin, range.end - range.begin);
        }
    return hashed;
}

}  // namespace sb::verify
