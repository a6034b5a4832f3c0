// The calls for single disks: snapshots, clones, uploaded images.

#include "daemon/hypercore/cluster_client.hpp"
#include "daemon/hypercore/disk_codec.hpp"
#include "daemon/hypercore/encoding.hpp"
#include "daemon/hypercore/keep_decoded.hpp"

#include <spdlog/spdlog.h>

namespace sb::hypercore {
namespace {

std::string const snapshots_path = "/rest/v1/VirDomainSnapshot";
std::string const devices_path = "/rest/v1/VirDomainBlockDevice";
std::string const media_path = "/rest/v1/VirtualDisk";

constexpr std::size_t max_reply_bytes = std::size_t{16} << 20;
constexpr std::size_t max_upload_reply = std::size_t{1} << 20;  // of a changing call

}  // namespace

task<Result<ports::Creation>> ClusterClient::order_creation(std::string target, Secret body) {
    auto reply = co_await send_order(target, std::move(body));
    if (!reply) co_return reply.error();
    auto creation = decode_creation(*reply);
    if (creation && !creation->tag.empty()) co_return std::move(*creation);
    std::string const why = creation ? "its reply names no task (taskTag is empty), so the work cannot be followed"
                                     : creation.error().context;
    co_return explain(Error{Errc::outcome_unknown, "the request was accepted, but " + why});
}

task<Result<ports::Creation>> ClusterClient::take_snapshot(ports::SnapshotOrder order) {
    Secret body = encode_snapshot(order);
    co_return co_await order_creation(snapshots_path, std::move(body));
}

task<Result<ports::Snapshot>> ClusterClient::get_snapshot(std::string uuid) {
    Error const none{Errc::not_found, "the cluster has no snapshot '" + uuid + "'"};
    if (uuid.empty()) co_return none;  // the cluster would answer with the whole list
    // An unknown snapshot is an answer, not a fault of the reply.
    auto const snapshot = std::make_shared<std::optional<Result<ports::Snapshot>>>();
    Check check = [snapshot, uuid](net::HttpReply const& reply) -> Result<void> {
        snapshot->emplace(decode_snapshot(reply.body, uuid));
        return {};
    };
    auto const reply = co_await get(snapshots_path + "/" + percent_encode(uuid), max_reply_bytes, std::move(check));
    if (!reply) co_return reply.error();
    if (!*snapshot) co_return none;
    if (!**snapshot) co_return explain((**snapshot).error());
    co_return std::move(***snapshot);
}

task<Result<ports::Creation>> ClusterClient::clone_disk(ports::DiskCloneOrder order) {
    Secret body = encode_disk_clone(order);
    auto const target = devices_path + "/" + percent_encode(order.disk.text()) + "/clone";
    co_return co_await order_creation(target, std::move(body));
}

task<Result<std::vector<ports::Medium>>> ClusterClient::list_media() {
    auto const disks = std::make_shared<std::optional<std::vector<ports::Medium>>>();
    Check check = keeping(disks, [](std::string_view body) { return decode_media(body); });
    auto const reply = co_await get(media_path, max_reply_bytes, std::move(check));
    if (!reply) co_return reply.error();
    if (!*disks) {
        Error const too_old{Errc::refused, "it has no virtual disks: uploads need HyperCore 9.2.10 or later"};
        co_return explain(too_old);
    }
    co_return std::move(**disks);
}

task<Result<ports::Creation>> ClusterClient::upload_disk_image(std::string name, std::shared_ptr<ByteSource> content) {
    net::HttpRequest request;
    request.method = net::Method::put;
    request.target = upload_target(name, content->size());
    request.authorization = authorization_;
    request.content = content;
    request.limit = limits_.upload_stall;
    request.max_body = max_upload_reply;
    spdlog::debug("cluster: PUT {} begins", request.target);
    auto const result = co_await nodes_->exchange(std::move(request));
    if (result) {
        spdlog::debug("cluster: PUT {}: {}", media_path, result->status);
        if (!is_success(*result)) co_return explain(error_from(*result, net::Method::put, *scrub_));
        auto creation = decode_creation(result->body);
        if (creation) co_return std::move(*creation);
        co_return explain(Error{Errc::outcome_unknown, "the upload was accepted, but " + creation.error().context});
    }
    Error error = result.error().error;
    error.context = (*scrub_)(error.context);
    // Only if all of it was sent and no reply came, the cluster may have created the virtual disk.
    bool const open_question = result.error().sent == net::Sent::maybe && error.code != Errc::cancelled;
    if (open_question) error.code = Errc::outcome_unknown;
    spdlog::debug("cluster: PUT {}: {}", media_path, error.context);
    co_return explain(std::move(error));
}

}  // namespace sb::hypercore
