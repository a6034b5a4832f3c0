// The control protocol, as any client and any daemon could speak it: lines, messages, and every type of the vocabulary.
#include "common/rpc/codec.hpp"
#include "common/rpc/framing.hpp"
#include "common/rpc/message.hpp"
#include "tests/fuzz/property.hpp"

#include <algorithm>
#include <optional>
#include <variant>

namespace sb::fuzz {
namespace {

using namespace rpc;

// ---- lines ----------------------------------------------------------------------------------------

struct Lines {
    std::vector<std::string> lines;
    bool too_long = false;
    std::string rest;
    bool operator==(Lines const&) const = default;
};

void take_lines(LineSplitter& splitter, Lines& into) {
    while (auto line = splitter.next_line()) into.lines.push_back(std::move(*line));
}

Lines end_of(LineSplitter& splitter, Lines so_far) {
    so_far.too_long = splitter.too_long();
    if (!so_far.too_long) so_far.rest = splitter.take_rest();
    return so_far;
}

Lines at_once(std::string_view text, std::size_t limit) {
    LineSplitter splitter(limit);
    Lines found;
    splitter.feed(text);
    take_lines(splitter, found);
    return end_of(splitter, std::move(found));
}

/// In pieces whose lengths the bytes themselves give.
Lines in_pieces(std::string_view text, std::size_t limit) {
    LineSplitter splitter(limit);
    Lines found;
    while (!text.empty() && !splitter.too_long()) {
        auto const length = std::min<std::size_t>(text.size(), 1 + static_cast<unsigned char>(text.front()) % 13);
        splitter.feed(text.substr(0, length));
        text.remove_prefix(length);
        take_lines(splitter, found);
    }
    return end_of(splitter, std::move(found));
}

/// The same by other means.
Lines expected(std::string_view text, std::size_t limit) {
    Lines found;
    for (auto end = text.find('\n'); end != text.npos && end <= limit; end = text.find('\n')) {
        found.lines.emplace_back(text.substr(0, end > 0 && text[end - 1] == '\r' ? end - 1 : end));
        text.remove_prefix(end + 1);
    }
    found.too_long = std::min(text.find('\n'), text.size()) > limit;
    if (!found.too_long) found.rest = text;
    return found;
}

void check_lines(std::string_view text, std::size_t limit) {
    auto const whole = at_once(text, limit);
    must_hold(whole == expected(text, limit), "the lines are not those that stand there");
    must_hold(whole == in_pieces(text, limit), "the lines depend on the pieces in which they come");
}

// ---- the vocabulary -------------------------------------------------------------------------------

template <class T>
void check_value(Result<T> const& value) {
    if (!value) return must_hold(!value.error().context.empty(), "an error without words");
    auto const text = encode(*value);
    must_hold(text.find('\n') == std::string::npos, "a value needs more than one line");
    auto const document = json::Document::parse(text);
    must_hold(document.has_value(), "what was written is no JSON");
    auto const again = decode_reply<T>(document->root());
    must_hold(again.has_value(), "what was written cannot be read: " + (again ? std::string() : again.error().context));
    must_hold(encode(*again) == text, "what was written is read as something else");
}

/// The parameters of the call's own method; those of an unknown method are never read.
template <class... Method>
void check_params(TypeList<Method...>, std::string_view method, json::View params) {
    ((method == Method::name ? check_value(decode<typename Method::Params>(params)) : void()), ...);
}

template <class... Method>
void check_replies(TypeList<Method...>, json::View result) {
    (check_value(decode_reply<typename Method::Reply>(result)), ...);
}

template <class... Notification>
void check_notification(TypeList<Notification...>, json::View params) {
    (check_value(decode_reply<typename Notification::Params>(params)), ...);
}

template <class... Value>
void check_values(TypeList<Value...>, json::View view) {
    (check_value(decode_reply<Value>(view)), ...);
}

// ---- messages -------------------------------------------------------------------------------------

/// An answer with this id, read as a client reads it. The id is the caller's JSON and must come back as it was.
void check_answer(std::string const& answer, std::string const& id, bool is_error) {
    must_hold(answer.find('\n') == std::string::npos, "an answer needs more than one line");
    auto const document = json::Document::parse(answer);
    must_hold(document.has_value(), "an answer is no JSON");
    must_hold(document->root()["id"].dump() == id, "an answer has another id than the call");
    auto const line = parse_server_line(answer);
    must_hold(line.has_value(), "a client cannot read an answer: " + (line ? std::string() : line.error().context));
    auto const* response = std::get_if<Response>(&line->message);
    must_hold(response != nullptr && response->result.has_value() != is_error,
              "a client takes an answer for something else");
}

void check_request(std::string_view text) {
    auto const request = parse_request_line(text);
    must_hold(!request.calls.empty() && request.calls.size() <= max_batch, "a line without calls, or with too many");
    must_hold(request.batch || request.calls.size() == 1, "several calls that are no batch");
    std::vector<std::string> answers;
    for (auto const& each : request.calls) {
        if (auto const* bad = std::get_if<BadCall>(&each)) {
            must_hold(!bad->fault.message.empty(), "a refusal without words");
            answers.push_back(error_text(bad->id, bad->fault));
            check_answer(answers.back(), bad->id, true);
            continue;
        }
        auto const& call = std::get<Call>(each);
        check_params(Methods(), call.method, call.params);
        if (!call.id) continue;
        answers.push_back(result_text(*call.id, "{}"));
        check_answer(answers.back(), *call.id, false);
        check_answer(error_text(*call.id, fault_of(Error{Errc::not_found, call.method})), *call.id, true);
    }
    if (answers.empty()) return;
    auto const batch = json::Document::parse(batch_text(answers));
    must_hold(batch.has_value() && batch->root().size() == answers.size(), "a batch does not hold its answers");
}

void check_server_line(std::string_view text) {
    auto const line = parse_server_line(text);
    if (!line)
        return must_hold(line.error().code == Errc::malformed && !line.error().context.empty(),
                         "an error of another kind");
    if (auto const* notification = std::get_if<Notification>(&line->message))
        return check_notification(Notifications(), notification->params);
    auto const& response = std::get<Response>(line->message);
    if (!response.result) return must_hold(!response.result.error().context.empty(), "an error without words");
    // An answer does not name its method: it is read as each of them, and as what the client prints with --json.
    check_replies(Methods(), *response.result);
    check_values(Values(), *response.result);
}

}  // namespace
}  // namespace sb::fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size) {
    using namespace sb::fuzz;
    auto const text = text_of(bytes, size);
    check_lines(text, size == 0 ? 0 : bytes[0]);
    check_lines(text, sb::rpc::max_request_line);
    for (auto const& line : at_once(text, sb::rpc::max_request_line).lines) {
        check_request(line);
        check_server_line(line);
    }
    check_request(text);
    check_server_line(text);
    return 0;
}
