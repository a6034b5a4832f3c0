#pragma once

namespace sb::platform {

/// The calling thread, and those it starts, work only with what others leave of processor and disks. Where a system
/// cannot do that, nothing happens: it is a courtesy, never a condition.
void give_way_to_others();

}  // namespace sb::platform
