#pragma once
// The TOML library's error messages in plain words. The library quotes the line that it complains about, and
// that line may contain a password: so only its headings are recognised and none of its text is passed on. Internal to
// this folder.

#include "common/config/source.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sb::config {

/// Lines and columns (in bytes) that the library's message points at, in its order.
std::vector<Place> marks_in(std::string_view message);

/// Whether the message reports that something is defined twice.
bool is_repetition(std::string_view message);

/// What is wrong, for people.
std::string plain_text_of(std::string_view message);

}  // namespace sb::config
