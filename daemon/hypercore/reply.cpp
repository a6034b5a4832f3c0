#include "daemon/hypercore/reply.hpp"

#include "common/text/ascii.hpp"
#include "common/text/one_line.hpp"

#include <algorithm>
#include <array>

namespace sb::hypercore {
namespace {

constexpr std::size_t max_text_bytes = 300;
// What is read of a refusal: of its JSON, which is useless in parts, and of its text.
constexpr std::size_t max_json_bytes = 64 * 1024, max_read_bytes = 8 * 1024;
constexpr std::size_t max_location_bytes = 1024;
// Each takes memory, 16 to 50 bytes. A real list of VMs has one in every 25 bytes.
constexpr std::size_t max_values = 1'000'000;

bool looks_like_html(net::HttpReply const& reply) {
    return lower(reply.content_type).find("html") != std::string::npos ||
           trimmed(reply.body.substr(0, max_read_bytes), spaces_and_line_ends).starts_with('<');
}

/// Where the tag at the front of `rest` ends, with the content of script and style; npos if it does not.
std::size_t end_of_tag(std::string_view rest, bool with_title) {
    for (std::string_view const hidden : {"script", "style", "title"}) {
        if (hidden == "title" && with_title) continue;
        if (!rest.substr(1).starts_with(hidden)) continue;
        auto const last = rest.find("</" + std::string(hidden));
        return last == std::string_view::npos ? last : rest.find('>', last);
    }
    return rest.find('>');
}

/// A page's text: tags become spaces, the content of script and style is dropped.
std::string without_tags(std::string_view page) {
    std::string text;
    auto const in_lower = lower(page);
    // The title repeats the heading on every server's error page.
    bool const with_title = in_lower.find("<h1") == std::string::npos;
    for (std::size_t at = 0; at < page.size();) {
        if (page[at] != '<') {
            text += page[at++];
            continue;
        }
        auto const end = end_of_tag(std::string_view(in_lower).substr(at), with_title);
        if (end == std::string_view::npos) break;
        text += ' ';
        at += end + 1;
    }
    return text;
}

std::string without_entities(std::string_view text) {
    static constexpr std::array<std::pair<std::string_view, char>, 7> known{{{"&lt;", '<'},
                                                                             {"&gt;", '>'},
                                                                             {"&quot;", '"'},
                                                                             {"&#39;", '\''},
                                                                             {"&apos;", '\''},
                                                                             {"&nbsp;", ' '},
                                                                             {"&amp;", '&'}}};
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        auto const entity = text.front() != '&' ? known.end() : std::ranges::find_if(known, [&](auto const& one) {
            return text.starts_with(one.first);
        });
        result += entity == known.end() ? text.front() : entity->second;
        text.remove_prefix(entity == known.end() ? 1 : entity->first.size());
    }
    return result;
}

/// On one line, with single spaces. If the text `is_cut`, its last word may be a part of one and is left out.
std::string on_one_line(std::string_view text, bool is_cut = false) {
    std::string line;
    for (char const c : text) {
        bool const blank = static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
        if (!blank) line += c;
        else if (!line.empty() && line.back() != ' ') line += ' ';
    }
    if (!line.empty() && line.back() == ' ') line.pop_back();
    if (is_cut && line.size() <= max_text_bytes) {
        auto const last_space = line.rfind(' ');
        return last_space == std::string::npos ? std::string() : line.substr(0, last_space) + " …";
    }
    return one_line(line, max_text_bytes);
}

/// The "error" of a JSON object, else empty.
std::string error_member(std::string_view body) {
    if (body.size() > max_json_bytes) return {};
    auto const document = json::Document::parse(body);
    if (!document) return {};
    for (std::string_view const name : {"error", "message"}) {
        auto const value = document->root()[name];
        if (value.is_string()) return value.text();
        if (value.is_object()) return value["message"].is_string() ? value["message"].text() : value.dump();
    }
    return {};
}

/// Each value is followed by a comma or ends what a bracket opens. Counted before the text is parsed.
bool has_too_many_values(std::string_view body) {
    std::size_t values = 0;
    bool in_string = false;
    for (std::size_t at = 0; at < body.size(); ++at) {
        char const c = body[at];
        if (in_string && c == '\\') ++at;
        else if (c == '"') in_string = !in_string;
        else if (!in_string && (c == ',' || c == '{' || c == '[')) ++values;
    }
    return values > max_values;
}

struct Meaning {
    Errc code;
    std::string_view advice;
};

bool says_overload(unsigned status, std::string const& words) {
    if (status == 429) return true;
    return status == 400 && lower(words).find("too many requests") != std::string::npos;
}

Meaning meaning_of(unsigned status, net::Method method, std::string const& words) {
    if (says_overload(status, words)) return {Errc::unavailable, "it is overloaded"};
    bool const about_session = lower(words).find("session") != std::string::npos;
    switch (status) {
        case 401: return {Errc::credentials_refused, "check Username and Password of [Scale]"};
        case 403: return {Errc::forbidden, "the user of [Scale] lacks a role on the cluster"};
        case 503:
            if (about_session) return {Errc::credentials_refused, "check Username and Password of [Scale]"};
            [[fallthrough]];
        case 502:
        case 504:
            if (method != net::Method::get) return {Errc::outcome_unknown, "it may have been executed"};
            return {Errc::unavailable, "it may be starting or upgrading"};
        default:
            // Some clusters execute a request and then fail to reply.
            if (status >= 500 && method == net::Method::post) return {Errc::maybe_rejected, ""};
            if (status >= 500) return {Errc::unavailable, ""};
            if (status >= 300 && status < 400) return {Errc::rejected, "a redirect: is Host of [Scale] the cluster?"};
            return {Errc::rejected, ""};
    }
}

}  // namespace

Error unexpected_reply(std::string what) {
    return Error{Errc::malformed, "its reply is unexpected: " + std::move(what)};
}

Result<json::Document> parse_reply(std::string_view body) {
    if (trimmed(body, spaces_and_line_ends).empty()) return unexpected_reply("it is empty");
    if (has_too_many_values(body))
        return unexpected_reply("it has more than " + std::to_string(max_values) + " values");
    auto document = json::Document::parse(body);
    if (!document) return unexpected_reply("it is not JSON: " + document.error().context);
    return std::move(*document);
}

std::string text_or_number(json::View value) {
    if (auto const text = value.string()) return std::string(*text);
    if (auto const number = value.integer()) return std::to_string(*number);
    return {};
}

std::string text_of(net::HttpReply const& reply, Scrubber const& scrub) {
    auto const from_json = error_member(reply.body);
    if (!from_json.empty()) return on_one_line(scrub.beginning(from_json, max_read_bytes));
    // Scrubbed before and after: entities, tags or the shortening may hide a secret.
    bool const is_cut = reply.body.size() > max_read_bytes;
    auto words = scrub.beginning(reply.body, max_read_bytes);
    if (looks_like_html(reply)) words = scrub(without_entities(without_tags(words)));
    auto line = on_one_line(words, is_cut);
    return line.empty() && is_cut ? "(" + std::to_string(reply.body.size()) + " bytes)" : line;
}

bool is_overload(net::HttpReply const& reply) {
    // The text matters for 400 only, and need not be scrubbed to be compared.
    return says_overload(reply.status, reply.status == 400 ? text_of(reply, Scrubber()) : std::string());
}

Error error_from(net::HttpReply const& reply, net::Method method, Scrubber const& scrub) {
    auto const words = text_of(reply, scrub);
    auto const meaning = meaning_of(reply.status, method, words);
    std::string text = "it answered " + std::to_string(reply.status);
    if (!words.empty()) text += ": " + words;
    if (!reply.location.empty())
        text += " [to " + on_one_line(scrub.beginning(reply.location, max_location_bytes)) + "]";
    if (!meaning.advice.empty()) text += " (" + std::string(meaning.advice) + ")";
    return Error{meaning.code, std::move(text)};
}

}  // namespace sb::hypercore
