#include "daemon/verify/content_verification.hpp"

#include "common/text/size_text.hpp"
#include "daemon/verify/hash_chunks.hpp"

#include <algorithm>
#include <utility>

namespace sb::verify {
namespace {

/// A crash costs at most this many bytes of repeated reading.
constexpr std::uint64_t checkpoint_every = std::uint64_t{1} << 30;

Error damaged_content(std::string const& name, std::string const& problem) {
    return {Errc::damaged_backup, "'" + name + "' " + problem};
}

std::uint64_t chunks_before(std::vector<FileToVerify> const& files, std::size_t end) {
    std::uint64_t chunks = 0;
    for (std::size_t i = 0; i < end; ++i) chunks += chunks_of(files[i].size);
    return chunks;
}

/// For each file, how many chunks of other files precede it in the digest file; nothing if that lacks one of them or
/// has another content. Earlier versions listed every file in the folder; those that are not part of the backup are
/// passed over.
std::optional<std::vector<std::uint64_t>> chunks_of_others(std::vector<VerifiedFile> const& listed,
                                                           std::vector<FileToVerify> const& files) {
    std::vector<std::uint64_t> others;
    std::uint64_t passed = 0;
    for (auto const& found : listed) {
        auto const* const wanted = others.size() < files.size() ? &files[others.size()] : nullptr;
        if (wanted && found.name == wanted->name && found.size == wanted->size && found.root == wanted->root) {
            others.push_back(passed);
            passed = 0;
        } else {
            passed += chunks_of(found.size);
        }
    }
    if (others.size() < files.size()) return std::nullopt;
    return others;
}

}  // namespace

Result<std::unique_ptr<ContentVerification>> ContentVerification::begin(platform::Folder folder,
                                                                        std::vector<FileToVerify> files,
                                                                        UtcTime started_at) {
    std::unique_ptr<ContentVerification> verification(new ContentVerification(std::move(folder), std::move(files)));
    if (auto started = verification->start(started_at); !started) return started.error();
    return verification;
}

Result<void> ContentVerification::start(UtcTime started_at) {
    for (auto const& file : files_) total_ += file.size;
    compares_ =
        !files_.empty() && std::ranges::all_of(files_, [](FileToVerify const& file) { return file.root.has_value(); });
    if (auto loaded = load_earlier_digests(); !loaded) return loaded;

    std::optional<DigestProgress> so_far;
    if (auto const unfinished = folder_.open_file(unfinished_digests_name))
        so_far = resume_point(**unfinished, started_at);
    if (so_far && !continues(*so_far)) so_far.reset();
    auto out = folder_.append_to(unfinished_digests_name, so_far ? so_far->bytes : 0);
    if (!out && out.error().code == Errc::refused && so_far) {
        so_far.reset();
        out = folder_.append_to(unfinished_digests_name, 0);
    }
    if (!out) return out.error();
    bool const from_start = !so_far;
    writer_ = std::make_unique<DigestWriter>(std::move(*out), from_start ? DigestProgress() : std::move(*so_far));
    if (from_start) writer_->begin(started_at);

    auto const& reached = writer_->so_far();
    at_ = reached.files.size();
    for (std::size_t i = 0; i < at_; ++i) position_ += files_[i].size;
    if (reached.open) position_ += std::min(reached.open_chunks * chunk_bytes, reached.open->size);
    if (earlier_) {
        auto chunks = chunks_before(files_, at_) + (reached.open ? reached.open_chunks : 0);
        for (std::size_t i = 0; i < files_.size() && i <= at_; ++i) chunks += chunks_of_others_[i];
        if (auto skipped = earlier_->skip(chunks); !skipped) return skipped;
    }
    return {};
}

/// Whether the progress of an interrupted verification is about these files and the content that they must have.
bool ContentVerification::continues(DigestProgress const& so_far) const {
    if (so_far.files.size() + (so_far.open ? 1 : 0) > files_.size()) return false;
    for (std::size_t i = 0; i < so_far.files.size(); ++i) {
        auto const& found = so_far.files[i];
        auto const& wanted = files_[i];
        if (found.name != wanted.name || found.size != wanted.size || (wanted.root && *wanted.root != found.root))
            return false;
    }
    if (!so_far.open) return true;
    auto const& wanted = files_[so_far.files.size()];
    return so_far.open->name == wanted.name && so_far.open->size == wanted.size;
}

Result<void> ContentVerification::load_earlier_digests() {
    if (!compares_) return {};
    auto text = folder_.open_file(digests_file_name);
    auto const usable = [&]() -> Result<void> {
        if (!text) return text.error();
        auto const listed = read_digests(**text);
        if (!listed) return listed.error();
        auto others = chunks_of_others(*listed, files_);
        if (!others) return Error{Errc::damaged_backup, "they list other files or contents than the manifest"};
        chunks_of_others_ = std::move(*others);
        return {};
    }();
    if (usable) {
        earlier_.emplace(std::move(*text));
        return {};
    }
    // The manifest's roots still show whether a file has changed, but not where.
    notes_.push_back("the file '" + std::string(digests_file_name) +
                     "' was not usable and is written again: " + usable.error().context);
    return {};
}

Result<void> ContentVerification::open_file() {
    auto const& wanted = current();
    auto file = folder_.open_file(wanted.name);
    if (!file && file.error().code == Errc::not_found)
        return Error{Errc::incomplete_backup, "'" + wanted.name + "' is missing"};
    if (!file && file.error().code == Errc::refused)
        return damaged_content(wanted.name, "is not usable: " + file.error().context);
    if (!file) return file.error();
    if ((*file)->size() != wanted.size)
        return damaged_content(
            wanted.name, "has " + std::to_string((*file)->size()) + " bytes instead of " + std::to_string(wanted.size));
    file_ = std::move(*file);
    if (!writer_->so_far().open) writer_->begin_file(wanted.name, wanted.size);
    return {};
}

Result<std::uint64_t> ContentVerification::advance(std::uint64_t max_bytes, unsigned threads) {
    std::uint64_t read = 0;
    bool first = true;
    while (!done() && (first || read < max_bytes)) {
        first = false;
        if (!file_)
            if (auto opened = open_file(); !opened) return opened.error();
        auto const chunk = writer_->so_far().open_chunks;
        if (chunk < chunks_of(current().size)) {
            auto const hashed = hash_chunks(*file_, chunk, max_bytes - std::min(read, max_bytes), threads);
            if (!hashed) return while_doing(hashed.error(), "'" + current().name + "'");
            if (auto taken = take(hashed->digests); !taken) return taken.error();
            read += hashed->read_bytes;
            unsaved_ += hashed->read_bytes;
        }
        if (writer_->so_far().open_chunks == chunks_of(current().size)) {
            if (auto closed = close_file(); !closed) return closed.error();
        } else if (unsaved_ >= checkpoint_every) {
            if (auto saved = save_progress(); !saved) return saved.error();
            unsaved_ = 0;
        } else if (read == 0) {
            break;  // a slice of holes only: let the caller check for a stop
        }
    }
    return read;
}

Result<void> ContentVerification::take(std::vector<Digest> const& digests) {
    for (auto const& digest : digests) {
        auto const chunk = writer_->so_far().open_chunks;
        if (earlier_)
            if (auto same = compare(digest, chunk); !same) return same;
        writer_->add(digest);
        position_ += std::min(chunk_bytes, current().size - chunk * chunk_bytes);
    }
    return {};
}

Result<void> ContentVerification::compare(Digest const& found, std::uint64_t chunk) {
    auto const expected = earlier_->next();
    if (!expected) return expected.error();
    if (*expected == found) return {};
    // Read again, past the cache: a wrong byte in memory or on a cable may still be right on disk.
    auto const offset = chunk * chunk_bytes;
    auto const length = std::min(chunk_bytes, current().size - offset);
    file_->drop_from_cache(offset, length);
    auto const again = hash_chunks(*file_, chunk, 1, 1);
    if (!again) return while_doing(again.error(), "'" + current().name + "'");
    auto const place = size_text(length) + " at offset " + std::to_string(offset >> 20) + " MiB";
    if (again->digests.front() != *expected)
        return damaged_content(current().name, "has changed since it was verified: " + place);
    return Error{Errc::io, "'" + current().name + "' cannot be read reliably: " + place +
                               " differed at the first reading and not at the second; check memory, cables and disks"};
}

Result<void> ContentVerification::close_file() {
    auto const root = writer_->end_file();
    if (current().root && *current().root != root)
        return damaged_content(current().name, "has changed since it was verified");
    file_.reset();
    ++at_;
    unsaved_ = 0;
    if (earlier_ && !done())
        if (auto skipped = earlier_->skip(chunks_of_others_[at_]); !skipped) return skipped;
    return save_progress();
}

Result<std::vector<VerifiedFile>> ContentVerification::finish() {
    auto files = writer_->so_far().files;
    if (earlier_) {  // the digest file exists already
        if (auto removed = remove_unfinished_digests(folder_); !removed) return removed.error();
        return files;
    }
    if (auto ended = writer_->end(); !ended) return ended.error();
    if (auto named = folder_.rename_durably(unfinished_digests_name, digests_file_name); !named) return named.error();
    return files;
}

Result<void> remove_unfinished_digests(platform::Folder const& folder) {
    return folder.remove_tree(unfinished_digests_name);
}

}  // namespace sb::verify
