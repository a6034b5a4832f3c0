#include "daemon/hypercore/node_check.hpp"

#include "common/json/document.hpp"
#include "daemon/hypercore/encoding.hpp"
#include "daemon/hypercore/reply.hpp"
#include "daemon/hypercore/scrub.hpp"

namespace sb::hypercore {
namespace {

struct Asked {
    Result<net::HttpReply> reply;
    std::optional<UtcTime> time;
};

task<Asked> ask(net::Transport& transport, config::Scale const& scale, std::string target) {
    net::HttpRequest request;
    request.target = std::move(target);
    request.authorization = basic_authorization(scale.username, scale.password);
    auto result = co_await transport.exchange(std::move(request));
    Asked asked{Error{Errc::internal, ""}, std::nullopt};
    if (!result) {
        asked.reply = result.error().error;
        co_return asked;
    }
    asked.time = parse_http_date(result->date);
    Scrubber const scrub({scale.password});
    if (is_success(*result)) asked.reply = std::move(*result);
    else asked.reply = error_from(*result, net::Method::get, scrub);
    co_return asked;
}

Result<std::size_t> count_of(std::string const& body) {
    auto const document = json::Document::parse(body);
    if (!document || !document->root().is_array())
        return Error{Errc::malformed, "its reply is not a list of VMs: is it a HyperCore cluster?"};
    return document->root().size();
}

}  // namespace

task<NodeCheck> check_node(net::Transport& transport, config::Scale const& scale) {
    NodeCheck check{Error{Errc::internal, ""}, std::nullopt, Error{Errc::unreachable, "the node did not answer"}};
    auto const vms = co_await ask(transport, scale, "/rest/v1/VirDomain");
    check.its_time = vms.time;
    if (!vms.reply) {
        check.vms = vms.reply.error();
        co_return check;
    }
    check.vms = count_of(vms.reply->body);
    auto const users = co_await ask(transport, scale, "/rest/v1/User");
    auto const roles = co_await ask(transport, scale, "/rest/v1/Role");
    if (!users.reply) check.rights = while_doing(users.reply.error(), "cannot read its users");
    else if (!roles.reply) check.rights = while_doing(roles.reply.error(), "cannot read its roles");
    else check.rights = rights_of(users.reply->body, roles.reply->body, scale.username);
    co_return check;
}

}  // namespace sb::hypercore
