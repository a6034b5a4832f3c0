// The calls for the cluster itself: which one it is, and whether it is being updated.

#include "daemon/hypercore/cluster_client.hpp"
#include "daemon/hypercore/status_codec.hpp"

namespace sb::hypercore {
namespace {

std::string const cluster_path = "/rest/v1/Cluster";
/// A file of the web server beside the API: it can still be read while the API restarts.
std::string const update_path = "/update/update_status.json";

constexpr std::size_t max_status_bytes = std::size_t{1} << 20;

}  // namespace

task<Result<ports::ClusterIdentity>> ClusterClient::identity() {
    ports::ClusterIdentity identity;  // stays empty if the cluster does not offer it (404)
    Check check = [&identity](net::HttpReply const& reply) -> Result<void> {
        auto decoded = decode_identity(reply.body);
        if (!decoded) return decoded.error();
        identity = std::move(*decoded);
        return {};
    };
    auto const reply = co_await get(cluster_path, max_status_bytes, std::move(check));
    if (!reply) co_return reply.error();
    co_return identity;
}

task<Result<bool>> ClusterClient::update_in_progress() {
    Check check = [](net::HttpReply const&) -> Result<void> { return {}; };
    auto const reply = co_await get(update_path, max_status_bytes, std::move(check));
    // A cluster that was never updated has no such file, and its web server may say so in various ways.
    bool const offers_nothing = !reply && reply.error().code == Errc::rejected;
    if (!reply && !offers_nothing) co_return reply.error();
    bool const updating = reply && is_success(*reply) && decode_update_in_progress(reply->body);
    co_return updating;
}

}  // namespace sb::hypercore
