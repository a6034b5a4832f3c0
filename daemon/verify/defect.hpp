#pragma once
// The two kinds of defects that a verification finds in a definition or an image.

#include "common/error.hpp"

#include <string>
#include <utility>

namespace sb::verify {

/// It is inconsistent.
inline Error damaged(std::string message) { return {Errc::damaged_backup, std::move(message)}; }
/// Something is missing.
inline Error incomplete(std::string message) { return {Errc::incomplete_backup, std::move(message)}; }

}  // namespace sb::verify
