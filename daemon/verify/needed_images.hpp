#pragma once
// Which images a backup needs: those that its definition lists, among them one for each disk of the VM. Pure.

#include "common/error.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/verify/definition.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <variant>

namespace sb::verify {

/// The file name of a disk's image.
inline std::string image_name(std::string const& base) { return base + ".qcow2"; }

/// Image name -> capacity that the cluster reported for its disk (0 = not known).
using NeededImages = std::map<std::string, std::uint64_t>;

/// A disk of the VM that the definition does not list. Without it, a restore would create a VM that lacks the disk.
struct UnlistedDisk {
    core::Disk disk;
};

/// An image is the one of a disk if it is named after the disk's uuid, or else if its serial begins like the uuid. A
/// disk that the cluster reports without a uuid needs any image that is not another disk's; since it is not known
/// which, its size is not compared. `incomplete_backup` if there are too few images for such disks.
Result<std::variant<NeededImages, UnlistedDisk>> needed_images(Definition const& definition,
                                                               ports::Expectation const& expected);

}  // namespace sb::verify
