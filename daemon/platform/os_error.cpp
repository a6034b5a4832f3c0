#include "daemon/platform/os_error.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace sb::platform {

Error os_error(int code, std::string const& doing, std::string const& subject) {
    auto const kind = [code] {
        switch (code) {
            case ENOSPC:
            case EDQUOT: return Errc::no_space;
            case ENOENT: return Errc::not_found;
            case EACCES:
            case EPERM: return Errc::not_permitted;
            default: return Errc::io;
        }
    }();
    return {kind, doing + " '" + subject + "': " + std::generic_category().message(code)};
}

bool is_unsupported(int code) {
    static constexpr std::array codes{EINVAL, ENOTSUP, EOPNOTSUPP, ENOTTY};
    return std::ranges::find(codes, code) != codes.end();
}

}  // namespace sb::platform
