#include "daemon/hypercore/node_replies.hpp"

#include "common/text/one_line.hpp"
#include "daemon/hypercore/reply.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

namespace sb::hypercore {

std::optional<UtcTime> parse_http_date(std::string const& text) {
    static constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    constexpr std::string_view form = "Sun, 06 Nov 1994 08:49:37 GMT";
    if (text.size() != form.size() || !text.ends_with(" GMT") || text[3] != ',') return std::nullopt;
    auto const month = std::ranges::find(months, std::string_view(text).substr(8, 3));
    if (month == months.end()) return std::nullopt;
    auto const number = std::to_string(month - months.begin() + 101).substr(1);  // two digits
    auto const time =
        parse_rfc3339(text.substr(12, 4) + "-" + number + "-" + text.substr(5, 2) + "T" + text.substr(17, 8) + "Z");
    return time ? std::optional(*time) : std::nullopt;
}

namespace {

// Enough for any person to read. A name is cut at so many bytes.
constexpr std::size_t max_roles = 100, max_functions = 1000, max_role_name = 100;

/// The first user of this name; nothing if there is none.
json::View user_named(json::View users, std::string const& username) {
    auto const all = users.elements();
    auto const found =
        std::ranges::find_if(all, [&](json::View user) { return user["username"].string() == username; });
    return found == all.end() ? json::View() : *found;
}

void add_role(UserRights& rights, json::View role) {
    rights.roles.push_back(one_line(role["name"].string().value_or(""), max_role_name));
    for (auto const permission : role["permissions"].elements()) {
        if (rights.functions.size() >= max_functions) return;
        rights.functions.push_back(one_line(permission["functionName"].string().value_or(""), max_role_name));
    }
}

}  // namespace

Result<UserRights> rights_of(std::string const& users, std::string const& roles, std::string const& username) {
    auto const user_list = parse_reply(users);
    auto const role_list = parse_reply(roles);
    if (!user_list || !role_list) return Error{Errc::malformed, "its lists of users and roles cannot be read"};
    auto const user = user_named(user_list->root(), username);
    if (!user.exists())
        return Error{Errc::not_found,
                     "its list of users does not have '" + username + "' (a user of a directory service?)"};
    std::unordered_set<std::string> mine;
    for (auto const role : user["roleUUIDs"].elements()) mine.insert(role.text());
    UserRights rights;
    for (auto const role : role_list->root().elements())
        if (rights.roles.size() < max_roles && mine.contains(role["uuid"].text())) add_role(rights, role);
    return rights;
}

}  // namespace sb::hypercore
