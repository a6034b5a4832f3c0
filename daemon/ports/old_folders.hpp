#pragma once
// Folders under LocalPath that another program made. Real: daemon/catalog. Fake: tests/simulation. All calls run off
// the event loop.

#include "common/error.hpp"
#include "daemon/async/task.hpp"
#include "daemon/core/adoption.hpp"

#include <string>
#include <vector>

namespace sb::ports {

class OldFolders {
public:
    virtual ~OldFolders() = default;

    /// Every folder without a manifest that contains files of an export or has a name of the predecessor's scheduled
    /// backups, sorted by name.
    virtual task<Result<std::vector<std::string>>> list() = 0;

    /// Inspects one completely: definition, every disk, every table of every image. May take minutes for large images.
    /// An error means a problem with LocalPath itself; what is wrong with the folder is in the result.
    virtual task<Result<core::OldFolder>> inspect(std::string folder) = 0;
};

}  // namespace sb::ports
