#include "daemon/hypercore/node_look.hpp"

#include "common/json/document.hpp"
#include "daemon/hypercore/basic_auth.hpp"
#include "daemon/hypercore/errors.hpp"
#include "daemon/hypercore/scrub.hpp"

#include <algorithm>
#include <array>
#include <charconv>

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
    if (!document || !document->root().is_array()) return Error{Errc::malformed, "its list of VMs is no list: is it a HyperCore cluster?"};
    return document->root().size();
}

int number_at(std::string const& text, std::size_t at, std::size_t length) {
    int number = -1;
    auto const* begin = text.data() + at;
    auto const [end, problem] = std::from_chars(begin, begin + length, number);
    return problem == std::errc{} && end == begin + length ? number : -1;
}

}  // namespace

std::optional<UtcTime> parse_http_date(std::string const& text) {
    static constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    constexpr std::string_view form = "Sun, 06 Nov 1994 08:49:37 GMT";
    if (text.size() != form.size() || !text.ends_with(" GMT") || text[3] != ',') return std::nullopt;
    auto const month = std::ranges::find(months, std::string_view(text).substr(8, 3));
    std::array const fields{number_at(text, 5, 2), number_at(text, 12, 4), number_at(text, 17, 2), number_at(text, 20, 2), number_at(text, 23, 2)};
    if (month == months.end() || std::ranges::min(fields) < 0) return std::nullopt;
    using namespace std::chrono;
    year_month_day const date{year(fields[1]), std::chrono::month(static_cast<unsigned>(month - months.begin()) + 1),
                              day(static_cast<unsigned>(fields[0]))};
    if (!date.ok()) return std::nullopt;
    return UtcTime(sys_days(date)) + hours(fields[2]) + minutes(fields[3]) + seconds(fields[4]);
}

Result<UserRights> rights_of(std::string const& users, std::string const& roles, std::string const& username) {
    auto const user_list = json::Document::parse(users);
    auto const role_list = json::Document::parse(roles);
    if (!user_list || !role_list) return Error{Errc::malformed, "its lists of users and roles cannot be read"};
    UserRights rights;
    bool known = false;
    for (auto const user : user_list->root().elements()) {
        if (user["username"].text() != username) continue;
        known = true;
        for (auto const mine : user["roleUUIDs"].elements())
            for (auto const role : role_list->root().elements()) {
                if (role["uuid"].text() != mine.text()) continue;
                rights.roles.push_back(std::string(role["name"].text()));
                for (auto const permission : role["permissions"].elements())
                    rights.functions.push_back(std::string(permission["functionName"].text()));
            }
    }
    if (!known) return Error{Errc::not_found, "its list of users does not have '" + username + "' (a user of a directory service?)"};
    return rights;
}

task<NodeLook> look_at_node(net::Transport& transport, config::Scale const& scale) {
    NodeLook look{Error{Errc::internal, ""}, std::nullopt, Error{Errc::unreachable, "the node did not answer"}};
    auto const vms = co_await ask(transport, scale, "/rest/v1/VirDomain");
    look.its_time = vms.time;
    if (!vms.reply) {
        look.vms = vms.reply.error();
        co_return look;
    }
    look.vms = count_of(vms.reply->body);
    auto const users = co_await ask(transport, scale, "/rest/v1/User");
    auto const roles = co_await ask(transport, scale, "/rest/v1/Role");
    if (!users.reply) look.rights = while_doing(users.reply.error(), "its users could not be asked for");
    else if (!roles.reply) look.rights = while_doing(roles.reply.error(), "its roles could not be asked for");
    else look.rights = rights_of(users.reply->body, roles.reply->body, scale.username);
    co_return look;
}

}  // namespace sb::hypercore
