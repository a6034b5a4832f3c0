#include "daemon/platform/priority.hpp"

namespace sb::platform {

// setpriority() would slow down the whole process here, the answers to clients included.
void give_way_to_others() {}

}  // namespace sb::platform
