#include "daemon/catalog/local_verification.hpp"

#include "daemon/catalog/verification_record.hpp"
#include "daemon/platform/process.hpp"
#include "daemon/verify/content_verification.hpp"
#include "daemon/verify/sha256.hpp"

#include <string>
#include <utility>
#include <vector>

namespace sb::catalog {
namespace {

using platform::Folder;

/// The pool's thread yields to others from its first piece of work.
void yield_to_others() {
    static thread_local bool const done = (platform::use_idle_priority(), true);
    static_cast<void>(done);
}

/// What a reading needs on the pool. Shared: a slice may outlive the job that requested it.
struct Work {
    std::filesystem::path local_path;
    std::string backup;
    std::shared_ptr<std::mutex> manifest_mutex;
    std::unique_ptr<verify::ContentVerification> verification;
};

Result<Folder> open_root(std::filesystem::path const& path) {
    yield_to_others();
    auto root = Folder::open(path);
    if (root) return root;
    auto error = root.error();
    if (error.code == Errc::not_found) error.code = Errc::io;  // the caller would take it for "no such backup"
    return while_doing(std::move(error), "LocalPath");
}

Error about(std::string const& backup, Error error) { return while_doing(std::move(error), "'" + backup + "'"); }

std::string root_of(std::vector<verify::VerifiedFile> const& files) {
    verify::Sha256 hash;
    for (auto const& file : files) hash.update(file.name + '\n' + verify::hex(file.root) + '\n');
    return verify::hex(hash.finish());
}

class LocalReading : public ports::Reading {
public:
    LocalReading(BlockingPool& pool, std::shared_ptr<Work> work, std::function<unsigned()> cores)
        : pool_(pool), work_(std::move(work)), cores_(std::move(cores)) {}

    task<Result<ports::Slice>> advance(std::uint64_t max_bytes) override {
        auto slice = [work = work_, max_bytes, cores = cores_()]() -> Result<ports::Slice> {
            yield_to_others();
            auto const read = work->verification->advance(max_bytes, cores);
            if (!read) return about(work->backup, read.error());
            return ports::Slice{*read, work->verification->position(), work->verification->total(),
                                work->verification->done()};
        };
        return pool_.run(std::move(slice));
    }
    task<Result<void>> save_progress() override {
        auto save = [work = work_]() -> Result<void> { return work->verification->save_progress(); };
        return pool_.run(std::move(save));
    }
    task<Result<ports::VerifyResult>> finish(UtcTime at) override {
        auto finish = [work = work_, at]() -> Result<ports::VerifyResult> {
            auto const files = work->verification->finish();
            if (!files) return about(work->backup, files.error());
            auto const root = open_root(work->local_path);
            if (!root) return root.error();
            ports::VerifyResult result;
            result.level = work->verification->compares() ? core::Level::reread : core::Level::content;
            result.notes = work->verification->notes();
            auto const cleared =
                record_verification(*root, work->backup, result.level, at, *files, *work->manifest_mutex);
            if (!cleared) return about(work->backup, cleared.error());
            result.cleared = *cleared;
            result.digest_root = root_of(*files);
            return result;
        };
        return pool_.run(std::move(finish));
    }
    task<Result<void>> discard_progress() override {
        auto discard = [work = work_]() -> Result<void> {
            auto const root = open_root(work->local_path);
            if (!root) return root.error();
            auto const folder = root->subfolder(work->backup);
            if (!folder) return folder.error();
            return verify::remove_unfinished_digests(*folder);
        };
        return pool_.run(std::move(discard));
    }

private:
    BlockingPool& pool_;
    std::shared_ptr<Work> work_;
    std::function<unsigned()> cores_;
};

Result<std::unique_ptr<verify::ContentVerification>> begin_verification(std::filesystem::path const& local_path,
                                                                        std::string const& backup, UtcTime started) {
    auto const root = open_root(local_path);
    if (!root) return root.error();
    auto const manifest = read_manifest(*root, backup);
    if (!manifest) return about(backup, manifest.error());
    std::vector<verify::FileToVerify> files;
    for (auto const& file : manifest->files)
        files.push_back({file.name, file.size_bytes, verify::digest_from_hex(file.content)});
    auto folder = root->subfolder(backup);
    if (!folder) return folder.error();
    auto verification = verify::ContentVerification::begin(std::move(*folder), std::move(files), started);
    if (!verification) return about(backup, verification.error());
    return verification;
}

class LocalVerification : public ports::Verification {
public:
    LocalVerification(BlockingPool& pool, std::filesystem::path local_path, std::shared_ptr<std::mutex> manifest_mutex,
                      std::function<unsigned()> cores)
        : pool_(pool),
          local_path_(std::move(local_path)),
          manifest_mutex_(std::move(manifest_mutex)),
          cores_(std::move(cores)) {}

    task<Result<void>> check_structure(std::string backup, core::Level level) override {
        auto check = [path = local_path_, backup = std::move(backup), level]() -> Result<void> {
            auto const root = open_root(path);
            if (!root) return root.error();
            auto const checked = check_backup(*root, backup, level);
            if (!checked) return about(backup, checked.error());
            return {};
        };
        return pool_.run(std::move(check));
    }
    task<Result<bool>> record_structure(std::string backup, UtcTime at) override {
        auto record = [path = local_path_, backup = std::move(backup), at, lock = manifest_mutex_]() -> Result<bool> {
            auto const root = open_root(path);
            if (!root) return root.error();
            return record_verification(*root, backup, core::Level::structure, at, {}, *lock);
        };
        return pool_.run(std::move(record));
    }
    task<Result<std::shared_ptr<ports::Reading>>> begin_reading(std::string backup, UtcTime started) override {
        auto work = std::make_shared<Work>(Work{local_path_, std::move(backup), manifest_mutex_, nullptr});
        auto begin = [work, started]() -> Result<void> {
            auto verification = begin_verification(work->local_path, work->backup, started);
            if (!verification) return verification.error();
            work->verification = std::move(*verification);
            return {};
        };
        auto const opened = co_await pool_.run(std::move(begin));
        if (!opened) co_return opened.error();
        std::shared_ptr<ports::Reading> reading = std::make_shared<LocalReading>(pool_, std::move(work), cores_);
        co_return reading;
    }
    task<Result<void>> record_damage(std::string backup, core::Damage damage) override {
        auto record = [path = local_path_, backup = std::move(backup), damage = std::move(damage),
                       lock = manifest_mutex_]() -> Result<void> {
            auto const root = open_root(path);
            if (!root) return root.error();
            return catalog::record_damage(*root, backup, damage, *lock);
        };
        return pool_.run(std::move(record));
    }

private:
    BlockingPool& pool_;
    std::filesystem::path const local_path_;
    std::shared_ptr<std::mutex> const manifest_mutex_;
    std::function<unsigned()> const cores_;
};

}  // namespace

std::unique_ptr<ports::Verification> make_verification(BlockingPool& pool, std::filesystem::path local_path,
                                                       std::shared_ptr<std::mutex> manifest_mutex,
                                                       std::function<unsigned()> cores) {
    return std::make_unique<LocalVerification>(pool, std::move(local_path), std::move(manifest_mutex),
                                               std::move(cores));
}

}  // namespace sb::catalog
