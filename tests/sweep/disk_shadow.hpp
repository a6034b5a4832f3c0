#pragma once
// What is surely on the disk. The system's cache survives the end of a process, so a killed daemon's files show what it
// wrote, synced or not. This keeps, in the folder SB_FAULT_SHADOW, what each file and each folder held when it was last
// brought to the disk; power_cut.py makes of it what a power cut would leave.

namespace disk_shadow {

/// Whether SB_FAULT_SHADOW names a folder.
bool is_kept();

/// In the place of fsync() and fdatasync(): notes what the file or the folder holds. The shadow is the disk, so nothing
/// waits for the real one. With SB_FAULT_LIE = files, folders or all the disk says that it has these and has not; with
/// SB_FAULT_LIE_BELOW = FOLDER only what lies there.
int bring_to_disk(int fd);

}  // namespace disk_shadow
