#include "simulator/disks/disk_store.hpp"

#include "simulator/disks/file_posix.hpp"
#include "simulator/transfer/guest_disk.hpp"
#include "simulator/transfer/raw_file.hpp"

#include <algorithm>
#include <vector>

namespace sb::sim {

namespace fs = std::filesystem;

namespace {

Error failed(std::string const& what, std::error_code const& error) {
    return {Errc::io, what + ": " + error.message()};
}

Result<void> copy_sparse(fs::path const& from, fs::path const& to) {
    auto source = RawFile::open_for_reading(from);
    if (!source) return source.error();
    auto const size = source->size();
    if (!size) return size.error();
    auto target = RawFile::create(to, *size);
    if (!target) return target.error();
    std::vector<std::byte> buffer(1U << 20U);
    for (std::uint64_t at = 0; at < *size;) {
        auto const run = source->next_data(at);
        if (!run) return run.error();
        if (!*run) break;
        for (at = (*run)->begin; at < (*run)->end;) {
            auto const part = std::min<std::uint64_t>(buffer.size(), (*run)->end - at);
            std::span<std::byte> const bytes(buffer.data(), part);
            if (auto read = source->read(at, bytes); !read) return read;
            if (auto written = target->write(at, bytes); !written) return written;
            at += part;
        }
    }
    return {};
}

}  // namespace

DiskStore::DiskStore(fs::path root, std::uint64_t seed) : root_(std::move(root)), seed_(seed) {
    for (char const* folder : {"disks", "frozen", "incoming"}) fs::create_directories(root_ / folder);
}

fs::path DiskStore::disk(std::string const& uuid) const { return root_ / "disks" / (uuid + ".raw"); }

fs::path DiskStore::frozen(std::string const& group, std::string const& uuid) const {
    return root_ / "frozen" / group / (uuid + ".raw");
}

fs::path DiskStore::incoming(std::string const& name) const {
    auto folder = root_ / "incoming" / name;
    fs::remove_all(folder);
    fs::create_directories(folder);
    return folder;
}

Result<void> DiskStore::create(std::string const& uuid, std::int64_t capacity, int fill_percent) {
    std::error_code error;
    auto const size = static_cast<std::uint64_t>(capacity);
    if (fs::file_size(disk(uuid), error) == size && !error) return {};
    if (fill_percent <= 0) {
        auto file = RawFile::create(disk(uuid), size);
        if (!file) return file.error();
        return {};
    }
    GuestDiskShape const shape{size, fill_percent / 100.0, seed_ ^ hash_of(uuid)};
    auto made = make_guest_disk(disk(uuid), shape);
    if (!made) return made.error();
    return {};
}

Result<void> DiskStore::adopt(fs::path const& file, std::string const& uuid, std::int64_t capacity) {
    std::error_code error;
    fs::rename(file, disk(uuid), error);
    if (error) return failed("adopt " + file.string(), error);
    return grow(uuid, capacity);
}

Result<void> DiskStore::clone(fs::path const& from, std::string const& uuid) {
    std::error_code error;
    fs::create_hard_link(from, disk(uuid), error);
    if (error) return failed("clone " + from.string(), error);
    return {};
}

Result<void> DiskStore::keep(fs::path const& file, std::string const& group, std::string const& uuid) {
    std::error_code error;
    fs::create_directories(root_ / "frozen" / group, error);
    if (!error) fs::create_hard_link(file, frozen(group, uuid), error);
    if (error) return failed("keep the content of disk " + uuid, error);
    return {};
}

void DiskStore::release(std::string const& group) {
    std::error_code ignored;
    fs::remove_all(root_ / "frozen" / group, ignored);
}

void DiskStore::remove(std::string const& uuid) {
    std::error_code ignored;
    fs::remove(disk(uuid), ignored);
}

Result<void> DiskStore::own(std::string const& uuid) {
    std::error_code error;
    auto const links = fs::hard_link_count(disk(uuid), error);
    if (error) return failed("disk " + uuid, error);
    if (links <= 1) return {};
    auto fresh = disk(uuid);
    fresh += ".new";
    if (auto copied = copy_sparse(disk(uuid), fresh); !copied) return copied;
    fs::rename(fresh, disk(uuid), error);
    if (error) return failed("replace disk " + uuid, error);
    return {};
}

Result<void> DiskStore::grow(std::string const& uuid, std::int64_t capacity) {
    std::error_code error;
    auto const wanted = static_cast<std::uintmax_t>(capacity);
    if (fs::file_size(disk(uuid), error) >= wanted && !error) return {};
    if (error) return failed("disk " + uuid, error);
    if (auto owned = own(uuid); !owned) return owned;
    fs::resize_file(disk(uuid), wanted, error);
    if (error) return failed("grow disk " + uuid, error);
    return {};
}

Result<std::int64_t> DiskStore::mutate(std::string const& uuid, double share, Random& random) {
    if (auto owned = own(uuid); !owned) return owned.error();
    auto const written = mutate_guest_disk(disk(uuid), share, random.next());
    if (!written) return written.error();
    return static_cast<std::int64_t>(*written);
}

Result<void> DiskStore::change_disk_id(std::string const& uuid, Random& random) {
    if (auto owned = own(uuid); !owned) return owned;
    auto file = RawFile::open_for_change(disk(uuid));
    if (!file) return file.error();
    std::uint64_t const id = random.next();
    std::span<std::byte const> const bytes = std::as_bytes(std::span(&id, 1));
    return file->write(440, bytes.first(4));
}

std::int64_t DiskStore::allocation(std::string const& uuid) const { return allocated_bytes(disk(uuid)); }

}  // namespace sb::sim
