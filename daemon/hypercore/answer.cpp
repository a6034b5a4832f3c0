#include "daemon/hypercore/answer.hpp"

namespace sb::hypercore {

Error odd_answer(std::string what) { return Error{Errc::malformed, "unexpected reply: " + std::move(what)}; }

Result<json::Document> parse_answer(std::string_view body) {
    if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) return odd_answer("it is empty");
    auto document = json::Document::parse(body);
    if (!document) return odd_answer("it is not JSON: " + document.error().context);
    return std::move(*document);
}

std::string text_or_number(json::View value) {
    if (auto const text = value.string()) return std::string(*text);
    if (auto const number = value.integer()) return std::to_string(*number);
    return {};
}

}  // namespace sb::hypercore
