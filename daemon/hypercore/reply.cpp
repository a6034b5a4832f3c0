#include "daemon/hypercore/reply.hpp"

#include "common/text/ascii.hpp"
#include "common/text/utf8.hpp"

#include <algorithm>
#include <array>

namespace sb::hypercore {
namespace {

constexpr std::size_t max_text_bytes = 300;
constexpr std::size_t max_body_bytes = 256 * 1024;

bool looks_like_html(net::HttpReply const& reply) {
    return lower(reply.content_type).find("html") != std::string::npos ||
           trimmed(reply.body, spaces_and_line_ends).starts_with('<');
}

/// A page's text: tags become spaces, the content of script and style is dropped.
std::string without_tags(std::string_view page) {
    std::string text;
    auto const in_lower = lower(page);
    for (std::size_t at = 0; at < page.size();) {
        if (page[at] != '<') {
            text += page[at++];
            continue;
        }
        std::string_view const rest = std::string_view(in_lower).substr(at);
        std::size_t end = rest.find('>');
        for (std::string_view const hidden : {"script", "style", "title"}) {
            // The title repeats the heading on every server's error page.
            bool const has_heading = hidden != "title" || in_lower.find("<h1") != std::string::npos;
            if (has_heading && rest.substr(1).starts_with(hidden)) {
                std::string const closing = "</" + std::string(hidden);
                auto const last = rest.find(closing);
                end = last == std::string_view::npos ? last : rest.find('>', last);
            }
        }
        if (end == std::string_view::npos) break;
        text += ' ';
        at += end + 1;
    }
    return text;
}

std::string without_entities(std::string text) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 7> known{{{"&lt;", "<"},
                                                                                         {"&gt;", ">"},
                                                                                         {"&quot;", "\""},
                                                                                         {"&#39;", "'"},
                                                                                         {"&apos;", "'"},
                                                                                         {"&nbsp;", " "},
                                                                                         {"&amp;", "&"}}};
    for (auto const& [entity, sign] : known) {
        for (auto at = text.find(entity); at != std::string::npos; at = text.find(entity, at + sign.size())) {
            text.replace(at, entity.size(), sign);
        }
    }
    return text;
}

std::string on_one_line(std::string_view text) {
    std::string line;
    for (char const c : text) {
        bool const blank = static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
        if (!blank) line += c;
        else if (!line.empty() && line.back() != ' ') line += ' ';
    }
    if (!line.empty() && line.back() == ' ') line.pop_back();
    if (line.size() <= max_text_bytes) return line;
    return line.substr(0, whole_characters(line, max_text_bytes)) + " …";
}

/// The "error" of a JSON object, else empty.
std::string error_member(std::string_view body) {
    auto const document = json::Document::parse(body);
    if (!document) return {};
    for (std::string_view const name : {"error", "message"}) {
        auto const value = document->root()[name];
        if (value.is_string()) return value.text();
        if (value.is_object()) return value["message"].is_string() ? value["message"].text() : value.dump();
    }
    return {};
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
    if (reply.body.size() > max_body_bytes) return "(" + std::to_string(reply.body.size()) + " bytes)";
    std::string words = error_member(reply.body);
    if (words.empty()) {
        // Scrubbed before and after: entities or the shortening may hide a secret.
        words = scrub(reply.body);
        if (looks_like_html(reply)) words = without_entities(without_tags(words));
    }
    return on_one_line(scrub(words));
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
    if (!reply.location.empty()) text += " [to " + on_one_line(scrub(reply.location)) + "]";
    if (!meaning.advice.empty()) text += " (" + std::string(meaning.advice) + ")";
    return Error{meaning.code, std::move(text)};
}

}  // namespace sb::hypercore
