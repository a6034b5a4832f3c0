// The calls for the cluster itself: which one it is, and whether it is being updated.

#include "daemon/hypercore/cluster_client.hpp"
#include "daemon/hypercore/keep_decoded.hpp"
#include "daemon/hypercore/status_codec.hpp"

namespace sb::hypercore {
namespace {

std::string const cluster_path = "/rest/v1/Cluster";
/// A file of the web server beside the API: it can still be read while the API restarts.
std::string const update_path = "/update/update_status.json";

constexpr std::size_t max_status_bytes = std::size_t{1} << 20;

}  // namespace

task<Result<ports::ClusterIdentity>> ClusterClient::identity() {
    auto const identity = std::make_shared<std::optional<ports::ClusterIdentity>>();
    Check check = keeping(identity, [](std::string_view body) { return decode_identity(body); });
    auto const reply = co_await get(cluster_path, max_status_bytes, std::move(check));
    if (!reply) co_return reply.error();
    if (!*identity) co_return ports::ClusterIdentity();  // the cluster does not offer it (404)
    co_return std::move(**identity);
}

task<Result<bool>> ClusterClient::update_in_progress() {
    auto const updating = std::make_shared<std::optional<bool>>();
    Check check =
        keeping(updating, [](std::string_view body) { return Result<bool>(decode_update_in_progress(body)); });
    auto const reply = co_await get(update_path, max_status_bytes, std::move(check));
    // A cluster that was never updated has no such file, and its web server may say so in various ways.
    bool const offers_nothing = !reply && reply.error().code == Errc::rejected;
    if (!reply && !offers_nothing) co_return reply.error();
    co_return updating->value_or(false);
}

}  // namespace sb::hypercore
