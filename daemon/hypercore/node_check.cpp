#include "daemon/hypercore/node_check.hpp"

#include "daemon/hypercore/decoder.hpp"
#include "daemon/hypercore/encoding.hpp"
#include "daemon/hypercore/reply.hpp"
#include "common/text/scrub.hpp"

namespace sb::hypercore {
namespace {

constexpr std::size_t max_list_bytes = std::size_t{16} << 20, max_user_bytes = std::size_t{4} << 20;

struct Asked {
    Result<std::shared_ptr<net::HttpReply const>> reply;
    std::optional<UtcTime> time;
};

task<Asked> ask(net::Transport& transport, config::Scale const& scale, std::string target, std::size_t max_body) {
    net::HttpRequest request;
    request.target = std::move(target);
    request.authorization = basic_authorization(scale.username, scale.password);
    request.max_body = max_body;
    auto result = co_await transport.exchange(std::move(request));
    Asked asked{Error{Errc::internal, ""}, std::nullopt};
    if (!result) {
        asked.reply = result.error().error;
        co_return asked;
    }
    asked.time = parse_http_date(result->date);
    Scrubber const scrub({scale.password});
    if (is_success(*result)) asked.reply = std::make_shared<net::HttpReply const>(std::move(*result));
    else asked.reply = error_from(*result, net::Method::get, scrub);
    co_return asked;
}

Result<std::size_t> count_of(std::string const& body) {
    auto const document = parse_reply(body);
    if (!document || !document->root().is_array())
        return Error{Errc::malformed, "its reply is not a list of VMs: is it a HyperCore cluster?"};
    return document->root().size();
}

}  // namespace

task<NodeCheck> check_node(net::Transport& transport, config::Scale const& scale) {
    NodeCheck check{Error{Errc::internal, ""}, std::nullopt, Error{Errc::unreachable, "the node did not answer"}};
    auto const vms = co_await ask(transport, scale, "/rest/v1/VirDomain", max_list_bytes);
    check.its_time = vms.time;
    if (!vms.reply) {
        check.vms = vms.reply.error();
        co_return check;
    }
    Decoder decoder;
    auto count = [list = *vms.reply] { return count_of(list->body); };
    check.vms = co_await decoder.run((*vms.reply)->body.size(), std::move(count));
    auto const users = co_await ask(transport, scale, "/rest/v1/User", max_user_bytes);
    auto const roles = co_await ask(transport, scale, "/rest/v1/Role", max_user_bytes);
    if (!users.reply) check.rights = while_doing(users.reply.error(), "cannot read its users");
    else if (!roles.reply) check.rights = while_doing(roles.reply.error(), "cannot read its roles");
    if (!users.reply || !roles.reply) co_return check;
    auto judge = [its_users = *users.reply, its_roles = *roles.reply, name = scale.username] {
        return rights_of(its_users->body, its_roles->body, name);
    };
    auto const bytes = (*users.reply)->body.size() + (*roles.reply)->body.size();
    check.rights = co_await decoder.run(bytes, std::move(judge));
    co_return check;
}

}  // namespace sb::hypercore
