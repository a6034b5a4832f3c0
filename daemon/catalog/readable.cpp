#include "daemon/catalog/readable.hpp"

#include "daemon/catalog/verification_record.hpp"
#include "daemon/verify/samples.hpp"

namespace sb::catalog {
namespace {

using platform::Folder;

/// Of a whole file, before any of it is read. What cannot be opened is reported by the check.
void drop_from_cache(Folder const& folder, core::Manifest const& manifest) {
    for (auto const& listed : manifest.files)
        if (auto const file = folder.open_file(listed.name)) (*file)->drop_from_cache(0, (*file)->size());
}

Result<void> read_samples_of(Folder const& folder, core::Manifest const& manifest) {
    for (auto const& listed : manifest.files) {
        auto const file = folder.open_file(listed.name);
        if (!file && file.error().code == Errc::not_found)
            return Error{Errc::incomplete_backup, "'" + listed.name + "' is missing"};
        if (!file) return file.error();
        if (auto const done = verify::read_samples(**file, verify::random_below); !done) return done;
    }
    return {};
}

Result<void> read_backup_now(Folder const& local_path, std::string const& name) {
    auto const manifest = read_manifest(local_path, name);
    if (!manifest) return manifest.error();
    auto const folder = local_path.subfolder(name);
    if (!folder) return folder.error();
    drop_from_cache(*folder, *manifest);
    auto const checked = check_backup(local_path, name, core::Level::structure);
    if (!checked) return checked.error();
    return read_samples_of(*folder, *manifest);
}

}  // namespace

Result<void> check_readable(Folder const& local_path, std::string const& name) {
    auto const checked = read_backup_now(local_path, name);
    if (!checked) return while_doing(checked.error(), "'" + name + "'");
    return {};
}

}  // namespace sb::catalog
