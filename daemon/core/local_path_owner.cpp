#include "daemon/core/local_path_owner.hpp"

#include <algorithm>

namespace sb::core {

namespace {

/// A line break in a name would add a line.
std::string one_line(std::string text) {
    std::ranges::replace_if(
        text, [](char c) { return static_cast<unsigned char>(c) < 0x20; }, ' ');
    return text;
}

}  // namespace

std::string owner_text(LocalPathOwner const& owner) {
    return "installation " + one_line(owner.installation) + "\nhost " + one_line(owner.host) + "\n" +
           (owner.machine.empty() ? "" : "machine " + one_line(owner.machine) + "\n") + "state " +
           one_line(owner.state) + "\nseen " + format_rfc3339(owner.seen) + "\n" +
           (owner.stopped ? "stopped yes\n" : "");
}

std::optional<LocalPathOwner> parse_owner(std::string_view text) {
    LocalPathOwner owner;
    while (!text.empty()) {
        auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        auto const space = line.find(' ');
        if (space == line.npos) continue;
        auto const key = line.substr(0, space);
        std::string value(line.substr(space + 1));
        if (key == "seen") {
            if (auto const time = parse_rfc3339(value)) owner.seen = *time;
        } else if (key == "installation") owner.installation = std::move(value);
        else if (key == "host") owner.host = std::move(value);
        else if (key == "machine") owner.machine = std::move(value);
        else if (key == "state") owner.state = std::move(value);
        else if (key == "stopped") owner.stopped = value == "yes";
    }
    if (owner.installation.empty()) return std::nullopt;
    return owner;
}

bool is_same_place(LocalPathOwner const& found, LocalPathOwner const& mine) {
    bool const is_same_machine = found.machine.empty() || mine.machine.empty() || found.machine == mine.machine;
    return is_same_machine && found.host == one_line(mine.host) && found.state == one_line(mine.state);
}

bool may_be_alive(LocalPathOwner const& found, LocalPathOwner const& mine, bool is_first_look) {
    if (found.stopped) return false;
    if (!is_same_place(found, mine)) return true;
    return found.installation != mine.installation && !is_first_look;
}

}  // namespace sb::core
