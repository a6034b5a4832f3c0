#pragma once
// What is certainly on disk. The system's cache survives the end of a process, so a killed daemon's files show
// everything it wrote, synced or not. The folder SB_FAULT_SHADOW stores the content of each file and folder at its last
// sync; power_cut.py builds from it what a power cut would leave.

namespace disk_shadow {

/// Whether SB_FAULT_SHADOW names a folder.
bool is_kept();

/// Replaces fsync() and fdatasync(): records the content of the file or folder. The shadow is the disk, so nothing
/// waits for the real one. With SB_FAULT_LIE = files, folders or all the disk reports these as synced although they are
/// not; with SB_FAULT_LIE_BELOW = FOLDER only those in that folder.
int bring_to_disk(int fd);

}  // namespace disk_shadow
