#pragma once
// The help page of `verify`, and what its --level takes.

#include <array>
#include <string_view>

namespace sb::ctl {

extern std::string_view const verify_page;

struct VerifyLevel {
    std::string_view word, summary;
};
/// What --level takes, from the quickest to the strictest.
inline constexpr std::array verify_levels{
    VerifyLevel{"structure", "definition, disks, tables"},
    VerifyLevel{"content", "every byte"},
    VerifyLevel{"reread", "every byte, compared"},
};

}  // namespace sb::ctl
