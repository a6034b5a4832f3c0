#include "daemon/verify/content_proof.hpp"

#include "daemon/verify/hash_chunks.hpp"

#include <algorithm>
#include <utility>

namespace sb::verify {
namespace {

/// A crash costs at most so much reading.
constexpr std::uint64_t mark_every = std::uint64_t{1} << 30;

Error damaged_content(std::string const& name, std::string const& words) {
    return {Errc::damaged_backup, "'" + name + "' " + words};
}

std::uint64_t chunks_before(std::vector<FileToProve> const& files, std::size_t end) {
    std::uint64_t chunks = 0;
    for (std::size_t i = 0; i < end; ++i) chunks += chunks_of(files[i].size);
    return chunks;
}

}  // namespace

Result<std::unique_ptr<ContentProof>> ContentProof::begin(platform::Folder folder, std::vector<FileToProve> files,
                                                          UtcTime begun) {
    std::unique_ptr<ContentProof> proof(new ContentProof(std::move(folder), std::move(files)));
    if (auto started = proof->start(begun); !started) return started.error();
    return proof;
}

Result<void> ContentProof::start(UtcTime begun) {
    for (auto const& file : files_) total_ += file.size;
    compares_ =
        !files_.empty() && std::ranges::all_of(files_, [](FileToProve const& file) { return file.root.has_value(); });
    if (auto looked = look_at_earlier_digests(); !looked) return looked;

    std::optional<DigestsSoFar> so_far;
    if (auto const unfinished = folder_.open_file(unfinished_digests_name)) so_far = resume_point(**unfinished, begun);
    if (so_far && !continues(*so_far)) so_far.reset();
    auto out = folder_.append_to(unfinished_digests_name, so_far ? so_far->bytes : 0);
    if (!out) return out.error();
    bool const anew = !so_far;
    writer_ = std::make_unique<DigestWriter>(std::move(*out), anew ? DigestsSoFar() : std::move(*so_far));
    if (anew) writer_->begin(begun);

    auto const& reached = writer_->so_far();
    at_ = reached.files.size();
    for (std::size_t i = 0; i < at_; ++i) position_ += files_[i].size;
    if (reached.open) position_ += std::min(reached.open_chunks * chunk_bytes, reached.open->size);
    if (earlier_) {
        auto const chunks = chunks_before(files_, at_) + (reached.open ? reached.open_chunks : 0);
        if (auto skipped = earlier_->skip(chunks); !skipped) return skipped;
    }
    return {};
}

/// Whether what an interrupted proof left speaks of these files, and of the content that they must have.
bool ContentProof::continues(DigestsSoFar const& so_far) const {
    if (so_far.files.size() + (so_far.open ? 1 : 0) > files_.size()) return false;
    for (std::size_t i = 0; i < so_far.files.size(); ++i) {
        auto const& seen = so_far.files[i];
        auto const& wanted = files_[i];
        if (seen.name != wanted.name || seen.size != wanted.size || (wanted.root && *wanted.root != seen.root))
            return false;
    }
    if (!so_far.open) return true;
    auto const& wanted = files_[so_far.files.size()];
    return so_far.open->name == wanted.name && so_far.open->size == wanted.size;
}

Result<void> ContentProof::look_at_earlier_digests() {
    if (!compares_) return {};
    auto text = folder_.open_file(digests_file_name);
    auto const usable = [&]() -> Result<void> {
        if (!text) return text.error();
        auto const told = read_digests(**text);
        if (!told) return told.error();
        auto const same = [](ProvenFile const& a, FileToProve const& b) {
            return a.name == b.name && a.size == b.size && a.root == b.root;
        };
        if (!std::ranges::equal(*told, files_, same))
            return Error{Errc::damaged_backup, "they speak of other files or contents than the manifest"};
        return {};
    }();
    if (usable) {
        earlier_.emplace(std::move(*text));
        return {};
    }
    // The manifest's roots still tell whether a file is what it was, only not where it is not.
    notes_.push_back("the file '" + std::string(digests_file_name) +
                     "' was of no use and is written anew: " + usable.error().context);
    return {};
}

Result<void> ContentProof::open_file() {
    auto const& wanted = present();
    auto file = folder_.open_file(wanted.name);
    if (!file && file.error().code == Errc::not_found)
        return Error{Errc::incomplete_backup, "'" + wanted.name + "' is missing"};
    if (!file && file.error().code == Errc::refused)
        return damaged_content(wanted.name, "cannot be used: " + file.error().context);
    if (!file) return file.error();
    if ((*file)->size() != wanted.size)
        return damaged_content(
            wanted.name, "has " + std::to_string((*file)->size()) + " bytes instead of " + std::to_string(wanted.size));
    file_ = std::move(*file);
    if (!writer_->so_far().open) writer_->begin_file(wanted.name, wanted.size);
    return {};
}

Result<std::uint64_t> ContentProof::advance(std::uint64_t most_bytes, unsigned threads) {
    std::uint64_t read = 0;
    bool first = true;
    while (!done() && (first || read < most_bytes)) {
        first = false;
        if (!file_)
            if (auto opened = open_file(); !opened) return opened.error();
        auto const chunk = writer_->so_far().open_chunks;
        if (chunk < chunks_of(present().size)) {
            auto const hashed = hash_chunks(*file_, chunk, most_bytes - std::min(read, most_bytes), threads);
            if (!hashed) return while_doing(hashed.error(), "'" + present().name + "'");
            if (auto taken = take(hashed->digests); !taken) return taken.error();
            read += hashed->read_bytes;
            unkept_ += hashed->read_bytes;
        }
        if (writer_->so_far().open_chunks == chunks_of(present().size)) {
            if (auto closed = close_file(); !closed) return closed.error();
        } else if (unkept_ >= mark_every) {
            if (auto kept = keep(); !kept) return kept.error();
            unkept_ = 0;
        } else if (read == 0) {
            break;  // a slice of nothing but holes: time to look around
        }
    }
    return read;
}

Result<void> ContentProof::take(std::vector<Digest> const& digests) {
    for (auto const& digest : digests) {
        auto const chunk = writer_->so_far().open_chunks;
        if (earlier_)
            if (auto same = compare(digest, chunk); !same) return same;
        writer_->add(digest);
        position_ += std::min(chunk_bytes, present().size - chunk * chunk_bytes);
    }
    return {};
}

Result<void> ContentProof::compare(Digest const& found, std::uint64_t chunk) {
    auto const expected = earlier_->next();
    if (!expected) return expected.error();
    if (*expected == found) return {};
    // Once more, past the cache: what came wrong from memory or over a cable need not be wrong on the disk.
    auto const offset = chunk * chunk_bytes;
    auto const length = std::min(chunk_bytes, present().size - offset);
    file_->drop_from_cache(offset, length);
    auto const again = hash_chunks(*file_, chunk, 1, 1);
    if (!again) return while_doing(again.error(), "'" + present().name + "'");
    auto const place = std::to_string(length) + " bytes from " + std::to_string(offset) + " on";
    if (again->digests.front() != *expected)
        return damaged_content(present().name,
                               "is not what it was when its content was proven: the " + place + " have changed");
    return Error{Errc::io,
                 "'" + present().name + "' cannot be read reliably: the " + place +
                     " came wrong at the first reading and right at the second; look at memory, cables and disks"};
}

Result<void> ContentProof::close_file() {
    auto const root = writer_->end_file();
    if (present().root && *present().root != root)
        return damaged_content(present().name, "is not what it was when its content was proven");
    file_.reset();
    ++at_;
    unkept_ = 0;
    return keep();
}

Result<std::vector<ProvenFile>> ContentProof::finish() {
    auto files = writer_->so_far().files;
    if (earlier_) {  // it stands there already
        if (auto gone = forget_unfinished_proof(folder_); !gone) return gone.error();
        return files;
    }
    if (auto ended = writer_->end(); !ended) return ended.error();
    if (auto named = folder_.rename_durably(unfinished_digests_name, digests_file_name); !named) return named.error();
    return files;
}

Result<void> forget_unfinished_proof(platform::Folder const& folder) {
    return folder.remove_tree(unfinished_digests_name);
}

}  // namespace sb::verify
