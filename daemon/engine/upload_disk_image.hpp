#pragma once
// upload-disk-media: a file of the caller, sent to the cluster as a virtual disk.

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

/// Whether the cluster has room for the name. `name_in_use` names what is there, also the rest of an upload that was
/// broken off.
task<Result<void>> check_name_is_free(ports::Disks& disks, std::string name);

/// Phases: "uploading", "converting". Sends once; an error names what stays at the cluster.
task<Result<void>> upload_disk_image(DiskPorts ports, UploadOrder order, std::shared_ptr<Operation> operation);

/// What an upload that was stopped leaves behind, in words.
std::string leftover_words(std::string const& name);

}  // namespace sb::engine
