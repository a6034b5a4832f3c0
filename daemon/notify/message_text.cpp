#include "daemon/notify/message_text.hpp"

#include "common/text/ascii.hpp"
#include "common/text/utf8.hpp"
#include "daemon/notify/mail_header.hpp"
#include "daemon/notify/clean_text.hpp"

#include <spdlog/fmt/fmt.h>

#include <array>

namespace sb::notify {
namespace {

constexpr std::size_t max_plain_line = 78;
constexpr std::size_t max_quoted_line = 76;

// "Mon, 23 Nov 2026 05:04:01 +0000". Not strftime: its names depend on the locale.
std::string date_text(UtcTime time) {
    constexpr std::array<char const*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr std::array<char const*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    auto const day = std::chrono::floor<std::chrono::days>(time);
    std::chrono::year_month_day const date(day);
    std::chrono::hh_mm_ss const clock(std::chrono::floor<std::chrono::seconds>(time - day));
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000", days[std::chrono::weekday(day).c_encoding()],
                       static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                       static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                       clock.seconds().count());
}

bool can_go_plain(std::string_view text) {
    if (!is_ascii(text)) return false;
    while (!text.empty()) {
        auto const end = std::min(text.find('\n'), text.size());
        if (end > max_plain_line || (end > 0 && text[end - 1] == ' ' && text.substr(0, end) != "-- ")) return false;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return true;
}

std::string with_crlf(std::string_view text) {
    std::string result;
    for (char const c : text) {
        if (c == '\n') result += '\r';
        result += c;
    }
    return result;
}

// RFC 2045, 6.7. Spaces at the end of a line are encoded, because relays drop them.
std::string quoted_printable(std::string_view text) {
    std::string result;
    std::size_t column = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char const c = text[i];
        if (c == '\n') {
            result += "\r\n";
            column = 0;
            continue;
        }
        auto const value = static_cast<unsigned char>(c);
        bool const last_of_line = i + 1 == text.size() || text[i + 1] == '\n';
        bool const plain = (value > 0x20 && value < 0x7F && c != '=') || ((c == ' ' || c == '\t') && !last_of_line);
        std::size_t const width = plain ? 1 : 3;
        if (column + width > max_quoted_line - 1) {  // the last column is for the '=' that continues the line
            result += "=\r\n";
            column = 0;
        }
        if (plain) {
            result += c;
        } else {
            result += {'=', upper_hex_digit(value >> 4U), upper_hex_digit(value)};
        }
        column += width;
    }
    return result;
}

}  // namespace

Result<std::string> message_text(Addresses const& addresses, ports::Message const& message, Stamp const& stamp) {
    auto const broken = [](std::string const& key, std::string const& address) {
        return Error{Errc::invalid_config,
                     "[SMTP] " + key + ": '" + clean_line(address) + "' is not a plain email address"};
    };
    if (!is_plain_address(addresses.from)) return broken("From", addresses.from);
    if (addresses.to.empty()) return Error{Errc::invalid_config, "[SMTP] To: no recipient is set"};
    for (auto const& to : addresses.to) {
        if (!is_plain_address(to)) return broken("To", to);
    }
    std::string body = clean_text(message.body);
    if (!body.ends_with('\n')) body += '\n';
    bool const plain = can_go_plain(body);

    std::string mail = "Date: " + date_text(stamp.when) + "\r\n";
    mail += address_field("From", {addresses.from});
    mail += address_field("To", addresses.to);
    mail += text_field("Subject", message.subject);
    mail += "Message-ID: <" + stamp.unique + addresses.from.substr(addresses.from.find('@')) + ">\r\n";
    mail += "Auto-Submitted: auto-generated\r\n";  // RFC 3834: no out-of-office answers, please
    mail += "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n";
    mail += plain ? "Content-Transfer-Encoding: 7bit\r\n" : "Content-Transfer-Encoding: quoted-printable\r\n";
    mail += "\r\n";
    mail += plain ? with_crlf(body) : quoted_printable(body);
    return mail;
}

}  // namespace sb::notify
