#pragma once
// The TOML library's complaints in our words. It quotes the line that it complains about, and that line may hold
// a password: so only its headings are recognised and none of its text is passed on. Internal to this folder.

#include "common/config/source.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sb::config {

/// Lines and columns (in bytes) that the library's message points at, in its order.
std::vector<Place> marks_in(std::string_view message);

/// Whether the message says that something is defined for a second time.
bool is_repetition(std::string_view message);

/// What is wrong, for people.
std::string words_for(std::string_view message);

}  // namespace sb::config
