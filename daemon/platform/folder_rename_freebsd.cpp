#include "daemon/platform/folder_posix.hpp"

namespace sb::platform {

// FreeBSD has no rename that replaces nothing.
int rename_exclusively_at(int folder, char const* name, char const* new_name) {
    return rename_after_check(folder, name, new_name);
}

}  // namespace sb::platform
