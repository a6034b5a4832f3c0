#include "simulator/disks/image_size.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <string_view>

namespace sb::sim {
namespace {

constexpr std::int64_t mebibyte = 1LL << 20;

std::string bytes_at(std::ifstream& file, std::int64_t offset, std::size_t count) {
    std::string bytes(count, '\0');
    file.clear();
    file.seekg(offset, offset < 0 ? std::ios::end : std::ios::beg);
    if (!file.read(bytes.data(), static_cast<std::streamsize>(count))) return std::string(count, '\0');
    return bytes;
}

std::int64_t number(std::string bytes, bool big_endian) {
    if (!big_endian) std::reverse(bytes.begin(), bytes.end());
    std::uint64_t value = 0;
    for (char const c : bytes) value = (value << 8U) | static_cast<unsigned char>(c);
    return static_cast<std::int64_t>(value);
}

}  // namespace

std::string image_format(std::string const& file_name) {
    static constexpr std::array<std::string_view, 5> known{"qcow2", "vmdk", "vhd", "vhdx", "img"};
    auto const dot = file_name.rfind('.');
    if (dot == std::string::npos) return "";
    std::string extension = file_name.substr(dot + 1);
    for (char& c : extension)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return std::find(known.begin(), known.end(), extension) == known.end() ? "" : extension;
}

std::int64_t image_capacity(std::filesystem::path const& path, std::string const& format) {
    std::ifstream file(path, std::ios::binary);
    std::error_code error;
    auto const length = static_cast<std::int64_t>(std::filesystem::file_size(path, error));
    if (error) return 0;
    std::int64_t capacity = 0;
    if (format == "qcow2" && bytes_at(file, 0, 4) == "QFI\xfb") capacity = number(bytes_at(file, 24, 8), true);
    if (format == "vmdk" && bytes_at(file, 0, 4) == "KDMV") capacity = number(bytes_at(file, 12, 8), false) * 512;
    if (format == "vhd" && bytes_at(file, -512, 8) == "conectix") capacity = number(bytes_at(file, -512 + 48, 8), true);
    if (format == "img" || format == "vhdx") capacity = length;  // a VHDX stores its size in a log-structured table
    return (capacity + mebibyte - 1) / mebibyte * mebibyte;
}

}  // namespace sb::sim
