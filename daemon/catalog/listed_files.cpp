#include "daemon/catalog/listed_files.hpp"

#include <string>

namespace sb::catalog {
namespace {

/// Asks for the name itself instead of searching a listing: on a share that ignores case, the listing may spell it
/// differently.
Result<std::uint64_t> listed_size(platform::Folder const& folder, core::BackupFile const& file) {
    auto const info = folder.info(file.name);
    if (!info) return info.error();
    if (!*info) return Error{Errc::incomplete_backup, "'" + file.name + "' is missing"};
    if ((*info)->kind != platform::EntryKind::file)
        return Error{Errc::damaged_backup, "'" + file.name + "' is not a regular file"};
    return (*info)->size_bytes;
}

}  // namespace

ListedFiles check_listed_files(platform::Folder const& folder, core::Manifest const& manifest) {
    ListedFiles listed;
    for (auto const& file : manifest.files) {
        auto const size = listed_size(folder, file);
        if (size) listed.bytes += *size;
        if (listed.problem) continue;
        if (!size) listed.problem = size.error();
        else if (*size != file.size_bytes)
            listed.problem = Error{Errc::damaged_backup, "'" + file.name + "' has " + std::to_string(*size) +
                                                             " bytes instead of " + std::to_string(file.size_bytes)};
    }
    return listed;
}

Result<void> check_as_inspected(platform::Folder const& folder, core::Manifest const& manifest) {
    auto const listed = check_listed_files(folder, manifest);
    if (!listed.problem) return {};
    return while_doing(*listed.problem, "'" + folder.path() + "' changed after it was inspected");
}

}  // namespace sb::catalog
