#include "daemon/hypercore/node_answers.hpp"

#include "common/json/document.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace sb::hypercore {
namespace {

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

}  // namespace sb::hypercore
