// The effects of faults on a finished response.

#include "simulator/api/server.hpp"

#include "common/json/document.hpp"
#include "common/json/writer.hpp"

#include <algorithm>
#include <functional>

namespace sb::sim {
namespace {

/// Copies `value`; `change` may write something else instead and return true.
using Change = std::function<bool(json::Writer&, std::string_view key, json::View value)>;

void rewrite(json::Writer& out, std::string_view key, json::View value, Change const& change) {
    if (change(out, key, value)) return;
    if (value.is_object()) {
        out.begin_object();
        for (auto const& [name, member] : value.members()) {
            out.key(name);
            rewrite(out, name, member, change);
        }
        out.end_object();
    } else if (value.is_array()) {
        out.begin_array();
        for (auto const element : value.elements()) rewrite(out, "", element, change);
        out.end_array();
    } else {
        out.raw(value.dump());
    }
}

void rewrite_body(Response& response, Change const& change) {
    auto const document = json::Document::parse(response.body);
    if (!document) return;
    json::Writer out;
    rewrite(out, "", document->root(), change);
    response.body = out.take();
}

bool swap_type(json::Writer& out, std::string_view, json::View value) {
    if (value.is_string()) return out.integer(42), true;
    if (value.is_number()) return out.string("forty-two"), true;
    return false;
}

/// Numbers become `number`, and so do the tags, which are numbers in quotes, but never uuids.
void all_numbers(Response& response, std::string const& number) {
    auto const change = [&number](json::Writer& out, std::string_view, json::View value) {
        if (!value.is_number()) return false;
        return out.raw(number), true;
    };
    rewrite_body(response, change);
}

bool to_null(json::Writer& out, std::string_view, json::View value) {
    if (!value.is_string() && !value.is_number()) return false;
    return out.raw("null"), true;
}

void twice(json::Writer& out, json::View value) {
    if (value.is_array()) {
        out.begin_array();
        for (auto const element : value.elements()) twice(out, element);
        out.end_array();
    } else if (value.is_object()) {
        out.begin_object();
        for (int round = 0; round < 2; ++round)
            for (auto const& [name, member] : value.members()) out.key(name).raw(member.dump());
        out.end_object();
    } else {
        out.raw(value.dump());
    }
}

void without(json::Writer& out, json::View value, std::string_view dropped) {
    if (value.is_array()) {
        out.begin_array();
        for (auto const element : value.elements()) without(out, element, dropped);
        out.end_array();
    } else if (value.is_object()) {
        out.begin_object();
        for (auto const& [name, member] : value.members())
            if (name != dropped) without(out.key(name), member, dropped);
        out.end_object();
    } else {
        out.raw(value.dump());
    }
}

void drop_member(Response& response, std::string const& name) {
    auto const document = json::Document::parse(response.body);
    if (!document) return;
    json::Writer out;
    without(out, document->root(), name);
    response.body = out.take();
}

void double_members(Response& response) {
    auto const document = json::Document::parse(response.body);
    if (!document) return;
    json::Writer out;
    twice(out, document->root());
    response.body = out.take();
}

/// Inserts bytes that no JSON writer would produce.
void invalidate_utf8(Response& response) {
    static constexpr std::string_view mark = "INVALID-UTF8";
    auto const change = [](json::Writer& out, std::string_view key, json::View value) {
        bool const is_text = key == "name" || key == "description" || key == "formattedDescription" || key == "tags";
        if (!is_text || !value.is_string()) return false;
        return out.string(value.text() + std::string(mark)), true;
    };
    rewrite_body(response, change);
    for (auto at = response.body.find(mark); at != std::string::npos; at = response.body.find(mark, at))
        response.body.replace(at, mark.size(), "\xc3\x28\xff");
}

void skew_clock(Response& response, std::int64_t seconds) {
    auto const change = [seconds](json::Writer& out, std::string_view key, json::View value) {
        bool const moment = key == "created" || key == "modified" || key == "completed" || key == "timestamp";
        auto const at = value.integer();
        if (!moment || !at || *at == 0) return false;
        return out.integer(*at + seconds), true;
    };
    rewrite_body(response, change);
}

void replace_texts(Response& response, std::string_view wanted, std::string const& text) {
    auto const change = [&](json::Writer& out, std::string_view key, json::View) {
        if (key != wanted) return false;
        return out.string(text), true;
    };
    rewrite_body(response, change);
}

std::string little_endian(std::uint32_t value) {
    std::string bytes;
    for (int i = 0; i < 4; ++i) bytes += static_cast<char>((value >> (8 * i)) & 0xFFU);
    return bytes;
}

std::uint32_t crc32_of(std::string_view text) {
    std::uint32_t crc = ~0U;
    for (char const c : text) {
        crc ^= static_cast<unsigned char>(c);
        for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1U) ^ (0xEDB88320U & (0U - (crc & 1U)));
    }
    return ~crc;
}

/// RFC 1952 with stored blocks of RFC 1951: any decoder accepts it.
std::string gzipped(std::string_view text) {
    std::string out("\x1f\x8b\x08\0\0\0\0\0\0\xff", 10);
    for (std::size_t at = 0; at == 0 || at < text.size(); at += 65535) {
        auto const part = text.substr(at, 65535);
        out += at + part.size() >= text.size() ? '\1' : '\0';
        auto const length = static_cast<std::uint32_t>(part.size());
        out += little_endian(length | (~length << 16U));
        out += part;
    }
    return out + little_endian(crc32_of(text)) + little_endian(static_cast<std::uint32_t>(text.size()));
}

void show_task(Response& response, std::string const& state, int progress) {
    auto const change = [&state, progress](json::Writer& out, std::string_view key, json::View) {
        if (key == "state") return out.string(state), true;
        if (key == "progressPercent" && progress >= 0) return out.integer(progress), true;
        if (key == "completed" && state != "COMPLETE") return out.integer(0), true;
        return false;
    };
    rewrite_body(response, change);
}

int progress_of(Response const& response) {
    auto const document = json::Document::parse(response.body);
    return document ? static_cast<int>(document->root().at(0)["progressPercent"].integer().value_or(0)) : 0;
}

std::string state_of(Response const& response) {
    auto const document = json::Document::parse(response.body);
    return document ? document->root().at(0)["state"].text() : "";
}

void keep_first(Response& response, int times, bool as_array) {
    auto const document = json::Document::parse(response.body);
    if (!document || !document->root().is_array() || document->root().size() == 0) return;
    auto elements = document->root().elements();
    std::string body = as_array ? "[" : "";
    for (int i = 0; i < times; ++i) body += (i > 0 ? "," : "") + elements.front().dump();
    for (std::size_t i = 1; as_array && i < elements.size(); ++i) body += "," + elements[i].dump();
    response.body = body + (as_array ? "]" : "");
}

void alter(Response& response, Fault const& fault) {
    auto const& kind = fault.kind;
    if (kind == "garbage") response.body = "\x01\x02<<not json>>\xff\xfe";
    if (kind == "truncated_json") response.body.resize(response.body.size() / 2);
    if (kind == "wrong_types") rewrite_body(response, swap_type);
    if (kind == "not_an_array") keep_first(response, 1, false);
    if (kind == "duplicate") keep_first(response, 2, true);
    if (kind == "empty_list") response.body = "[]";
    if (kind == "task_state") show_task(response, fault.text, -1);
    if (kind == "task_frozen" && (progress_of(response) >= fault.percent || state_of(response) == "COMPLETE"))
        show_task(response, "RUNNING", fault.percent);
    if (kind == "task_backwards" && state_of(response) == "RUNNING")
        show_task(response, "RUNNING",
                  std::max(0, 100 - static_cast<int>(fault.injected) * 10));  // regardless of the real progress
    if (kind == "empty_body") response.body.clear();
    if (kind == "deep") response.body = std::string(200'000, '[') + std::string(200'000, ']');
    if (kind == "bad_utf8") invalidate_utf8(response);
    if (kind == "negative_numbers") all_numbers(response, "-1");
    if (kind == "huge_numbers") all_numbers(response, "1e308");
    if (kind == "duplicate_keys") double_members(response);
    if (kind == "member_missing") drop_member(response, fault.text);
    if (kind == "nulls") rewrite_body(response, to_null);
    if (kind == "skew") skew_clock(response, static_cast<std::int64_t>(fault.seconds));
    if (kind == "order_tag") replace_texts(response, "taskTag", fault.text);
    if (kind == "task_of_other") replace_texts(response, "objectUUID", "00000000-0000-4000-8000-000000000000");
    if (kind == "drop_last_tasks") replace_texts(response, "latestTaskTag", "");
    if (kind == "gzip") {
        response.body = gzipped(response.body);
        response.headers.emplace_back("Content-Encoding", "gzip");
    }
    if (kind == "status_after") response = status_of(fault);
    if (kind == "oversize" && static_cast<std::int64_t>(response.body.size()) < fault.bytes)
        response.body.resize(static_cast<std::size_t>(fault.bytes), ' ');
}

}  // namespace

void alter(Response& response, std::vector<Fault> const& faults) {
    for (auto const& fault : faults) alter(response, fault);
}

}  // namespace sb::sim
