#pragma once
// Notices that a backup window has closed, so that each one is reported once. Values only.

#include "daemon/core/window.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sb::core {

struct ClosedWindow {
    UtcTime opened;
    UtcTime closed;
    /// What was due and held back in it when that was last known; nothing if it never was.
    std::optional<std::vector<std::string>> held_back;
};

class WindowWatch {
public:
    /// A window that had opened before the daemon was restarted.
    void resume(UtcTime opened) { opened_ = opened; }
    /// [Schedule] was removed.
    void forget() { opened_.reset(); }
    /// Whether there is one whose end has not been noticed yet.
    bool is_waiting() const { return opened_.has_value(); }
    /// When that one opened.
    std::optional<UtcTime> opened() const { return opened_; }

    /// The window that has closed since the last call. Nothing for one that is always open, one that was reported
    /// before (the clock repeats an hour), and if the clock was set back or the window was changed.
    std::optional<ClosedWindow> check(DailyWindow window, UtcTime now, Zone const& zone);
    /// In the open window: the VMs that are due and held back.
    void note_held_back(std::vector<std::string> names);

private:
    std::optional<UtcTime> opened_;
    std::optional<UtcTime> reported_;  ///< the opening of the last one whose end was noticed
    std::optional<std::vector<std::string>> held_back_;
};

}  // namespace sb::core
