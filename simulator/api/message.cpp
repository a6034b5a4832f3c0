#include "simulator/api/message.hpp"

#include "common/json/writer.hpp"

#include <spdlog/fmt/fmt.h>

#include <array>
#include <chrono>

namespace sb::sim {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

void read_query(Request& request, std::string_view query) {
    while (!query.empty()) {
        auto const pair = query.substr(0, query.find('&'));
        query.remove_prefix(std::min(query.size(), pair.size() + 1));
        auto const equals = pair.find('=');
        auto const value = equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
        request.query[percent_decoded(pair.substr(0, equals))] = percent_decoded(value);
    }
}

}  // namespace

std::string percent_decoded(std::string_view text) {
    std::string decoded;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool const escape =
            text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;
        if (escape) {
            decoded += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            decoded += text[i];
        }
    }
    return decoded;
}

std::string base64_decoded(std::string_view text) {
    static constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string decoded;
    std::uint32_t bits = 0;
    int count = 0;
    for (char const c : text) {
        auto const value = alphabet.find(c);
        if (value == std::string_view::npos) break;
        bits = (bits << 6U) | static_cast<std::uint32_t>(value);
        count += 6;
        if (count < 8) continue;
        count -= 8;
        decoded += static_cast<char>((bits >> static_cast<unsigned>(count)) & 0xffU);
    }
    return decoded;
}

void read_target(Request& request, std::string target) {
    request.target = std::move(target);
    auto const question = request.target.find('?');
    request.path = request.target.substr(0, question);
    while (request.path.size() > 1 && request.path.back() == '/') request.path.pop_back();
    if (question != std::string::npos) read_query(request, std::string_view(request.target).substr(question + 1));
}

Response json_answer(std::string body) {
    Response response;
    response.body = std::move(body);
    return response;
}

Response refuse(int status, std::string_view message) {
    json::Writer out;
    out.begin_object().member("error", message).end_object();
    auto response = json_answer(out.take());
    response.status = status;
    return response;
}

Response result(std::string_view task_tag, std::string_view created_uuid) {
    json::Writer out;
    out.begin_object().member("taskTag", task_tag).member("createdUUID", created_uuid).end_object();
    return json_answer(out.take());
}

Response html_error(int status, std::string_view title) {
    Response response;
    response.status = status;
    response.content_type = "text/html";
    response.body = fmt::format(
        "<html>\r\n<head><title>{0} {1}</title></head>\r\n<body>\r\n<center><h1>{0} {1}</h1>"
        "</center>\r\n</body>\r\n</html>\r\n",
        status, title);
    return response;
}

std::string_view reason_of(int status) {
    switch (status) {
        case 200: return "OK";
        case 302: return "Found";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 413: return "Payload Too Large";
        case 429: return "Too Many Requests";
        case 500: return "Internal Server Error";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        default: return "Unknown";
    }
}

std::string http_date(std::int64_t seconds) {
    static constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    std::chrono::sys_seconds const moment{std::chrono::seconds(seconds)};
    auto const midnight = std::chrono::floor<std::chrono::days>(moment);
    std::chrono::year_month_day const day{midnight};
    std::chrono::hh_mm_ss const time{moment - midnight};
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                       weekdays[std::chrono::weekday{midnight}.c_encoding()], static_cast<unsigned>(day.day()),
                       months[static_cast<unsigned>(day.month()) - 1], static_cast<int>(day.year()),
                       time.hours().count(), time.minutes().count(), time.seconds().count());
}

}  // namespace sb::sim
