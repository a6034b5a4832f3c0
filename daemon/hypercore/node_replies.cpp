#include "daemon/hypercore/node_replies.hpp"

#include "common/json/document.hpp"

#include <algorithm>
#include <array>

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
    if (!known)
        return Error{Errc::not_found,
                     "its list of users does not have '" + username + "' (a user of a directory service?)"};
    return rights;
}

}  // namespace sb::hypercore
