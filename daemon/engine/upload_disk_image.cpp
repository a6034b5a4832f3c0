#include "daemon/engine/upload_disk_image.hpp"

#include "daemon/core/disk_image.hpp"

#include <algorithm>

namespace sb::engine {
namespace {

/// Counts the bytes that were sent.
class CountedSource final : public ByteSource {
public:
    CountedSource(std::shared_ptr<ByteSource> inner, std::shared_ptr<Operation> operation)
        : inner_(std::move(inner)), operation_(std::move(operation)) {}

    std::uint64_t size() const override { return inner_->size(); }
    task<Result<std::size_t>> read_some(std::span<char> into) override {
        operation_->done_bytes += last_;  // the previous piece has been sent
        last_ = 0;
        auto const got = co_await inner_->read_some(into);
        if (got) last_ = *got;
        co_return got;
    }

private:
    std::shared_ptr<ByteSource> inner_;
    std::shared_ptr<Operation> operation_;
    std::size_t last_ = 0;
};

/// What a failed upload left at the cluster, as text.
task<std::string> leftovers(ports::Disks& disks, std::string name) {
    auto const media = co_await disks.list_media();
    if (!media) co_return leftover_text(name);
    std::string found;
    for (auto const& medium : *media)
        if (medium.name == "uploading-" + name)
            found += "; the cluster keeps the partial upload as '" + medium.name + "' (" + medium.uuid +
                     "); delete it there";
    if (found.empty()) co_return "the cluster kept nothing of the upload";
    co_return found.substr(2);
}

task<Result<void>> wait_for_conversion(DiskPorts ports, UploadOrder const& order, std::string uuid) {
    constexpr Milliseconds pause{1000};
    auto const give_up = ports.time.steady_now() + order.conversion_limit;
    for (;;) {
        auto const media = co_await ports.disks.list_media();
        if (!media && !is_transient(media.error().code))
            co_return while_doing(media.error(), "waiting for the conversion");
        if (media) {
            auto const found = std::ranges::find(*media, uuid, &ports::Medium::uuid);
            if (found == media->end())
                co_return Error{Errc::task_failed,
                                "the cluster accepted the upload, then deleted it because it could not convert '" +
                                    order.name + "'"};
            bool const in_progress =
                found->name == "converting-" + order.name || found->name == "uploading-" + order.name;
            if (!in_progress) co_return Result<void>();
        }
        auto const next = ports.time.steady_now() + pause;
        if (next > give_up)
            co_return Error{Errc::timed_out,
                            "the upload is complete, but the cluster has not converted '" + order.name + "' yet"};
        co_await ports.time.sleep_until(next);
    }
}

}  // namespace

std::string leftover_text(std::string const& name) {
    return "the partial upload may remain at the cluster as 'uploading-" + name + "'; delete it there";
}

task<Result<void>> check_name_is_free(ports::Disks& disks, std::string name) {
    auto const media = co_await disks.list_media();
    if (!media) co_return media.error();
    for (auto const& taken : core::names_of_upload(name)) {
        auto const found = std::ranges::find(*media, taken, &ports::Medium::name);
        if (found == media->end()) continue;
        std::string text = "the cluster already has a virtual disk named '" + taken + "' (" + found->uuid + ")";
        if (taken != name) text += ", from an upload that is in progress or was interrupted";
        co_return Error{Errc::name_in_use, text + "; delete it there, or rename the file"};
    }
    co_return Result<void>();
}

task<Result<void>> upload_disk_image(PinnedDiskPorts pinned, UploadOrder order, std::shared_ptr<Operation> operation) {
    auto const ports = pinned.get();
    operation->phase = "uploading";
    operation->total_bytes = order.content->size();
    std::shared_ptr<ByteSource> counted = std::make_shared<CountedSource>(order.content, operation);
    auto const making = co_await ports.disks.upload_disk_image(order.name, std::move(counted));
    if (!making) {
        if (making.error().code == Errc::cancelled) co_return making.error();
        auto error = making.error();
        auto left = co_await leftovers(ports.disks, order.name);
        error.context += "; " + left;
        co_return error;
    }
    operation->done_bytes = operation->total_bytes;
    operation->created = making->created;
    if (!order.wait_for_conversion) co_return Result<void>();
    operation->phase = "converting";
    co_return co_await wait_for_conversion(ports, order, making->created);
}

}  // namespace sb::engine
