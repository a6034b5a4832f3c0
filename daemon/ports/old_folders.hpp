#pragma once
// Folders under LocalPath that another program made. Real: daemon/catalog. All calls run off the event loop.

#include "common/error.hpp"
#include "daemon/async/task.hpp"
#include "daemon/core/adoption.hpp"

#include <string>
#include <vector>

namespace sb::ports {

class OldFolders {
public:
    virtual ~OldFolders() = default;

    /// Every folder without a manifest that holds files of an export or is named as the predecessor named scheduled
    /// backups, by name.
    virtual task<Result<std::vector<std::string>>> list() = 0;

    /// Looks at one in full: definition, every disk, every table of every image. May take minutes for large images.
    /// The error is trouble with LocalPath itself; what is wrong with the folder stands in the answer.
    virtual task<Result<core::OldFolder>> look(std::string folder) = 0;
};

}  // namespace sb::ports
