#include "daemon/verify/needed_images.hpp"

#include "common/text/ascii.hpp"
#include "daemon/verify/defect.hpp"

#include <set>
#include <string_view>
#include <vector>

namespace sb::verify {
namespace {

constexpr std::size_t serial_digits = 8;

bool has_serial_of(DefinedDisk const& disk, std::string const& uuid) {
    return disk.serial.size() >= serial_digits && uuid.size() >= serial_digits &&
           equal_ignoring_case(std::string_view(disk.serial).substr(0, serial_digits),
                               std::string_view(uuid).substr(0, serial_digits));
}

class Assignment {
public:
    explicit Assignment(Definition const& definition) : definition_(definition) {
        for (auto const& disk : definition.disks)
            if (disk.needs_image()) images_.emplace(image_name(disk.base), 0);
    }

    bool take_by_name(core::Disk const& device) {
        for (auto const& disk : definition_.disks) {
            if (!disk.needs_image() || !equal_ignoring_case(disk.base, device.uuid.text())) continue;
            take(disk, device);
            return true;
        }
        return false;
    }

    /// Only if exactly one image fits that is not another disk's.
    bool take_by_serial(core::Disk const& device) {
        DefinedDisk const* found = nullptr;
        for (auto const& disk : definition_.disks) {
            if (!disk.needs_image() || taken_.contains(image_name(disk.base))) continue;
            if (!has_serial_of(disk, device.uuid.text())) continue;
            if (found != nullptr) return false;
            found = &disk;
        }
        if (found != nullptr) take(*found, device);
        return found != nullptr;
    }

    std::size_t free() const { return images_.size() - taken_.size(); }
    NeededImages const& images() const { return images_; }

private:
    void take(DefinedDisk const& disk, core::Disk const& device) {
        auto const name = image_name(disk.base);
        images_[name] = device.capacity_bytes;
        taken_.insert(name);
    }

    Definition const& definition_;
    NeededImages images_;
    std::set<std::string> taken_;
};

}  // namespace

Result<std::variant<NeededImages, UnlistedDisk>> needed_images(Definition const& definition,
                                                               ports::Expectation const& expected) {
    using Needed = std::variant<NeededImages, UnlistedDisk>;
    Assignment assignment(definition);
    std::vector<core::Disk> with_other_name;
    std::size_t without_uuid = 0;
    for (auto const& device : expected.disks) {
        if (!core::is_exported(device)) continue;
        if (device.uuid.empty()) ++without_uuid;
        else if (!assignment.take_by_name(device)) with_other_name.push_back(device);
    }
    // After all names, so that no disk takes the image that another one is named after.
    for (auto const& device : with_other_name)
        if (!assignment.take_by_serial(device)) return Needed(UnlistedDisk{device});
    if (without_uuid > assignment.free())
        return incomplete("the definition '" + expected.definition_file + "' lists " +
                          std::to_string(assignment.images().size()) + " disk images, " +
                          std::to_string(assignment.free()) + " of them for the " + std::to_string(without_uuid) +
                          " disks that the cluster reports without a uuid: a disk is missing");
    return Needed(assignment.images());
}

}  // namespace sb::verify
