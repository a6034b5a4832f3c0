#include "simulator/transfer/deflate.hpp"

#include <zlib.h>

#include <new>

namespace sb::sim {
namespace {

constexpr int raw_window_bits = -12;  // negative: no zlib header; QEMU reads with a window of 4 KiB

// zlib's next_in is not const in every build; it never writes there.
Bytef* input(std::span<std::byte const> bytes) {
    return const_cast<Bytef*>(reinterpret_cast<Bytef const*>(bytes.data()));
}

Bytef* output(std::span<std::byte> bytes) { return reinterpret_cast<Bytef*>(bytes.data()); }

}  // namespace

struct Deflate::Stream {
    z_stream z{};

    Stream() {
        if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, raw_window_bits, 9, Z_DEFAULT_STRATEGY) != Z_OK)
            throw std::bad_alloc();
    }
    Stream(Stream const&) = delete;
    Stream& operator=(Stream const&) = delete;
    ~Stream() { deflateEnd(&z); }
};

Deflate::Deflate() = default;
Deflate::~Deflate() = default;

std::optional<std::size_t> Deflate::pack(std::span<std::byte const> plain, std::span<std::byte> into) {
    if (!stream_) stream_ = std::make_unique<Stream>();
    auto& z = stream_->z;
    deflateReset(&z);
    z.next_in = input(plain);
    z.avail_in = static_cast<uInt>(plain.size());
    z.next_out = output(into);
    z.avail_out = static_cast<uInt>(into.size());
    if (deflate(&z, Z_FINISH) != Z_STREAM_END) return std::nullopt;
    return into.size() - z.avail_out;
}

bool unpack(std::span<std::byte const> packed, std::span<std::byte> into) {
    z_stream z{};
    z.next_in = input(packed);
    z.avail_in = static_cast<uInt>(packed.size());
    z.next_out = output(into);
    z.avail_out = static_cast<uInt>(into.size());
    if (inflateInit2(&z, raw_window_bits) != Z_OK) throw std::bad_alloc();
    inflate(&z, Z_FINISH);
    inflateEnd(&z);
    return z.avail_out == 0;
}

}  // namespace sb::sim
