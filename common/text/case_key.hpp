#pragma once
// Compares names as a share does, which ignores case.

#include <string>
#include <string_view>

namespace sb {

/// Two names with the same key are the same folder to Samba and Windows. Folds Latin, Greek and Cyrillic letters; other
/// scripts with case are rare and count as different. Bytes that are not UTF-8 stay as they are.
std::string case_key(std::string_view name);

}  // namespace sb
