#pragma once
// Common to all replies of the cluster.

#include "common/error.hpp"
#include "common/json/document.hpp"

#include <string>
#include <string_view>

namespace sb::hypercore {

/// `malformed`: "unexpected reply: …".
Error odd_answer(std::string what);
/// The body as JSON, or odd_answer().
Result<json::Document> parse_answer(std::string_view body);
/// Text, or a number as text: the cluster's task tags are numbers written as strings.
std::string text_or_number(json::View value);

}  // namespace sb::hypercore
