#include "daemon/api/file_content.hpp"

#include <string>

namespace sb::api {
namespace {

class FileContent final : public ByteSource {
public:
    FileContent(std::shared_ptr<ipc::OpenFile> file, std::uint64_t size, BlockingPool& pool)
        : file_(std::move(file)), size_(size), pool_(pool) {}

    std::uint64_t size() const override { return size_; }

    task<Result<std::size_t>> read_some(std::span<char> into) override {
        auto const read = [this, into] { return read_now(into); };
        auto const got = co_await pool_.run(read);
        if (!got) co_return got.error();
        offset_ += *got;
        co_return *got;
    }

private:
    /// On the pool: everything that asks the file system, which may hang.
    Result<std::size_t> read_now(std::span<char> into) const {
        auto const got = file_->read_at(into, offset_);
        if (!got) return got.error();
        bool const is_last = *got == 0 || offset_ + *got == size_;
        if (is_last) {
            auto const now = file_->size();
            if (!now) return now.error();
            if (*now != size_) return changed(*now);
        }
        if (*got == 0) return Error{Errc::io, "the file ends after " + std::to_string(offset_) + " bytes"};
        return *got;
    }

    Error changed(std::uint64_t now) const {
        return {Errc::io, "the file changed while it was read: it had " + std::to_string(size_) +
                              " bytes and now has " + std::to_string(now) + "; no virtual disk was created"};
    }

    std::shared_ptr<ipc::OpenFile> file_;
    std::uint64_t size_;
    std::uint64_t offset_ = 0;
    BlockingPool& pool_;
};

}  // namespace

Result<std::shared_ptr<ByteSource>> file_content(std::shared_ptr<ipc::OpenFile> file, BlockingPool& pool) {
    auto const size = file->size_at_first();
    if (!size) return size.error();
    return std::shared_ptr<ByteSource>(std::make_shared<FileContent>(std::move(file), *size, pool));
}

}  // namespace sb::api
