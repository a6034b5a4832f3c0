#pragma once
// upload-disk-media: sends a file of the caller to the cluster, which stores it as a virtual disk.

#include "daemon/engine/clone_disk.hpp"

#include <memory>
#include <string>

namespace sb::engine {

inline constexpr char const* upload_disk_image_kind = "upload-disk-media";

struct UploadOrder {
    std::string name;
    std::shared_ptr<ByteSource> content;
    bool wait_for_conversion = false;
    Milliseconds conversion_limit{3'600'000};
};

/// Whether the name is free at the cluster. `name_in_use` names what has it, also the rest of an interrupted upload.
task<Result<void>> check_name_is_free(ports::Disks& disks, std::string name);

/// Phases: "uploading", "converting". Sends once; an error names what remains at the cluster.
task<Result<void>> upload_disk_image(PinnedDiskPorts ports, UploadOrder order, std::shared_ptr<Operation> operation);

/// What a stopped upload leaves behind, as text.
std::string leftover_text(std::string const& name);

}  // namespace sb::engine
