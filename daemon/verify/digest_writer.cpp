#include "daemon/verify/digest_writer.hpp"

#include "common/text/ascii.hpp"

#include <utility>

namespace sb::verify {

Digest const& digest_of_zeros() {
    static Digest const digest = [] {
        std::vector<std::byte> const zeros(static_cast<std::size_t>(chunk_bytes));
        return sha256(zeros);
    }();
    return digest;
}

std::string escape_name(std::string_view name) {
    std::string text;
    for (char const c : name) {
        auto const byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7f && c != '%') {
            text += c;
            continue;
        }
        text += '%';
        text += upper_hex_digit(byte >> 4U);
        text += upper_hex_digit(byte);
    }
    return text;
}

DigestWriter::DigestWriter(std::unique_ptr<platform::Appender> out, DigestProgress so_far)
    : out_(std::move(out)), so_far_(std::move(so_far)) {}

void DigestWriter::line(std::string text) {
    text += '\n';
    so_far_.text.update(text);
    so_far_.bytes += text.size();
    pending_ += text;
}

void DigestWriter::begin(UtcTime started) {
    line(std::string(digests_first_line));
    line("begun " + format_rfc3339(started));
    line("chunk " + std::to_string(chunk_bytes));
}

void DigestWriter::begin_file(std::string const& name, std::uint64_t size) {
    line("file " + std::to_string(size) + " " + escape_name(name));
    so_far_.open = VerifiedFile{name, size, {}};
    so_far_.open_chunks = 0;
    so_far_.open_root = Sha256();
}

void DigestWriter::write_zeros() {
    if (zeros_ > 0) line("zero " + std::to_string(zeros_));
    zeros_ = 0;
}

void DigestWriter::add(Digest const& chunk) {
    so_far_.open_root.update(chunk);
    ++so_far_.open_chunks;
    if (chunk == digest_of_zeros()) {
        ++zeros_;
        return;
    }
    write_zeros();
    line(hex(chunk));
}

Digest DigestWriter::end_file() {
    write_zeros();
    auto file = *std::exchange(so_far_.open, std::nullopt);
    file.root = so_far_.open_root.finish();
    line("root " + hex(file.root));
    so_far_.files.push_back(file);
    return file.root;
}

Result<void> DigestWriter::close_with(std::string_view word) {
    write_zeros();
    line(std::string(word) + hex(so_far_.text.so_far()));
    auto const text = std::exchange(pending_, {});
    if (auto written = out_->write(text); !written) return written;
    return out_->sync();
}

}  // namespace sb::verify
