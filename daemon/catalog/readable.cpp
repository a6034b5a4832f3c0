#include "daemon/catalog/readable.hpp"

#include "daemon/catalog/manifest_checksum.hpp"
#include "daemon/catalog/verification_record.hpp"
#include "daemon/core/file_proof.hpp"
#include "daemon/verify/content_verification.hpp"
#include "daemon/verify/sampled_chunks.hpp"
#include "daemon/verify/samples.hpp"

#include <map>
#include <memory>
#include <utility>

namespace sb::catalog {
namespace {

using platform::Folder;

/// Of a whole file, before any of it is read. What cannot be opened is reported by the check.
void drop_from_cache(Folder const& folder, core::Manifest const& manifest) {
    for (auto const& listed : manifest.files)
        if (auto const file = folder.open_file(listed.name)) (*file)->drop_from_cache(0, (*file)->size());
}

/// The digests of the last verification of the content, if there are any.
std::unique_ptr<platform::RandomAccess> open_digests(Folder const& folder) {
    auto digests = folder.open_file(verify::digests_file_name);
    return digests ? std::move(*digests) : nullptr;
}

Result<void> read_samples_of(Folder const& folder, core::Manifest const& manifest) {
    auto const digests = open_digests(folder);
    std::map<std::string, verify::SampledChunks> sampled;
    for (auto const& listed : manifest.files) {
        auto const file = folder.open_file(listed.name);
        if (!file && file.error().code == Errc::not_found)
            return Error{Errc::incomplete_backup, "'" + listed.name + "' is missing"};
        if (!file) return file.error();
        auto const root = verify::digest_from_hex(listed.content);
        if (!digests || !root) {
            if (auto const done = verify::read_samples(**file, verify::random_below); !done) return done;
            continue;
        }
        auto chunks = verify::read_sampled_chunks(**file, verify::random_below);
        if (!chunks) return chunks.error();
        sampled.emplace(listed.name, verify::SampledChunks{*root, std::move(*chunks)});
    }
    if (sampled.empty()) return {};
    return verify::compare_sampled_chunks(*digests, sampled);
}

Result<void> read_backup_now(Folder const& local_path, std::string const& name) {
    auto const manifest = read_manifest(local_path, name);
    if (!manifest) return manifest.error();
    auto const folder = local_path.subfolder(name);
    if (!folder) return folder.error();
    drop_from_cache(*folder, *manifest);
    auto const checked = check_backup(local_path, name, core::Level::structure);
    if (!checked) return checked.error();
    // What it says decides which other copies are surplus.
    if (auto const unchanged = check_manifest_is_unchanged(local_path, name); !unchanged) return unchanged;
    return read_samples_of(*folder, *manifest);
}

}  // namespace

Result<void> check_readable(Folder const& local_path, std::string const& name) {
    auto const checked = read_backup_now(local_path, name);
    if (!checked) return while_doing(checked.error(), "'" + name + "'");
    return {};
}

Result<std::string> file_states(Folder const& local_path, std::string const& name) {
    auto const manifest = read_manifest(local_path, name);
    if (!manifest) return while_doing(manifest.error(), "'" + name + "'");
    auto const folder = local_path.subfolder(name);
    if (!folder) return folder.error();
    std::string states;
    auto const add = [&](std::string const& file) -> Result<void> {
        // A page that a program has mapped and already changed takes further changes without a new time until it is
        // written to the disk. No effect on a file that nothing writes to; what cannot be flushed has a state, too.
        static_cast<void>(folder->sync_file(file));
        auto const state = folder->state(file);
        if (!state) return while_doing(state.error(), "'" + name + "'");
        states += file + " " + *state + "\n";
        return {};
    };
    if (auto const added = add(core::manifest_file_name); !added) return added.error();
    for (auto const& listed : manifest->files)
        if (auto const added = add(listed.name); !added) return added.error();
    return states + std::string(core::manifest_says) + " " + manifest_digest(*manifest) + "\n";
}

}  // namespace sb::catalog
