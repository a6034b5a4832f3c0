#include "daemon/core/window_watch.hpp"

#include <utility>

namespace sb::core {

std::optional<ClosedWindow> WindowWatch::check(DailyWindow window, UtcTime now, Zone const& zone) {
    if (window.always_open()) {
        opened_.reset();
        return std::nullopt;
    }
    auto const opening = opening_before(window, now, zone);
    bool const is_open_now = is_open(window, now, zone);
    std::optional<ClosedWindow> ended;
    if (opened_ && (!is_open_now || opening != *opened_)) {
        auto const closed = next_change(window, *opened_, zone);
        if (closed && *closed <= now) ended = ClosedWindow{*opened_, *closed, std::move(held_back_)};
        reported_ = opened_;
        opened_.reset();
        held_back_.reset();
    }
    if (is_open_now && opening != reported_) opened_ = opening;
    return ended;
}

void WindowWatch::note_held_back(std::vector<std::string> names) {
    if (opened_) held_back_ = std::move(names);
}

}  // namespace sb::core
