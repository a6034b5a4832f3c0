#pragma once
// What all answers of the cluster have in common, whatever they tell of.

#include "common/error.hpp"
#include "common/json/document.hpp"

#include <string>
#include <string_view>

namespace sb::hypercore {

/// `malformed`: "unexpected reply: …".
Error odd_answer(std::string what);
/// The body as JSON, or odd_answer().
Result<json::Document> parse_answer(std::string_view body);
/// Text, or a number as text: the cluster's tags are numbers that are written as strings.
std::string text_or_number(json::View value);

}  // namespace sb::hypercore
