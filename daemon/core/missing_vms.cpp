#include "daemon/core/missing_vms.hpp"

#include "common/text/whole_number.hpp"

#include <algorithm>
#include <cstdint>

namespace sb::core {

namespace {

using std::chrono::seconds;

constexpr int enough_lists = 7;
constexpr seconds long_enough = std::chrono::days(7);
constexpr seconds between_lists = std::chrono::hours(20);  // a run may start earlier than that of the night before
/// More of a longer time without a list does not count: what the clock did meanwhile is not known.
constexpr seconds longest_gap = std::chrono::days(2);

seconds counted_since(UtcTime last, UtcTime now) {
    return std::min(std::chrono::floor<seconds>(now - last), longest_gap);
}

struct Counted {
    int lists = 0;
    seconds span{0};
};

/// "3x172800": lists and seconds.
std::optional<Counted> parse_counted(std::string_view word) {
    auto const x = word.find('x');
    if (x == word.npos) return std::nullopt;
    auto const lists = whole_number<int>(word.substr(0, x));
    auto const span = whole_number<std::int64_t>(word.substr(x + 1));
    if (!lists || !span || *lists < 1 || *span < 0) return std::nullopt;
    return Counted{std::min(*lists, enough_lists), std::min(seconds{*span}, long_enough)};
}

}  // namespace

/// "2033-05-18T03:33:20Z 3x172800 uuid"; "-" instead of the time if the clock has been in doubt since; without the
/// numbers from an earlier version.
void MissingVms::read_line(std::string_view line) {
    auto const space = line.find(' ');
    if (space == line.npos || space + 1 == line.size()) return;
    auto const time = parse_rfc3339(line.substr(0, space));
    auto const rest = line.substr(space + 1);
    auto const next = rest.find(' ');
    auto const counted = next == rest.npos ? std::nullopt : parse_counted(rest.substr(0, next));
    bool const in_doubt = line.substr(0, space) == "-" && counted;
    if (!time && !in_doubt) return;
    Absence absence;
    if (time) absence.last = *time;
    if (counted) {
        absence.lists = counted->lists;
        absence.span = counted->span;
    }
    auto const vm = counted ? rest.substr(next + 1) : rest;
    if (!vm.empty()) missing_[VmUuid{std::string(vm)}] = absence;
}

MissingVms MissingVms::from_text(std::string_view text) {
    MissingVms missing_vms;
    while (!text.empty()) {
        auto const line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        missing_vms.read_line(line);
    }
    return missing_vms;
}

std::string MissingVms::text() const {
    std::string text;
    for (auto const& [vm, absence] : missing_) {
        if (vm.text().find('\n') != std::string::npos) continue;
        text += absence.last ? format_rfc3339(*absence.last) : "-";
        text +=
            " " + std::to_string(absence.lists) + "x" + std::to_string(absence.span.count()) + " " + vm.text() + "\n";
    }
    return text;
}

void MissingVms::note_present(std::unordered_set<VmUuid> const& seen) {
    std::erase_if(missing_, [&](auto const& missing) { return seen.contains(missing.first); });
}

void MissingVms::note_complete_list(std::unordered_set<VmUuid> const& seen,
                                    std::unordered_set<VmUuid> const& with_copies, UtcTime now, bool clock_in_doubt) {
    std::erase_if(missing_, [&](auto const& missing) {
        return seen.contains(missing.first) || !with_copies.contains(missing.first);
    });
    if (clock_in_doubt) {
        for (auto& [vm, absence] : missing_) absence.last.reset();
        return;
    }
    now = std::chrono::floor<seconds>(now);  // as it is written
    for (auto const& vm : with_copies) {
        if (seen.contains(vm)) continue;
        auto const [place, is_new] = missing_.try_emplace(vm);
        if (is_new) place->second.last = now;
        else count_list(place->second, now);
    }
}

void MissingVms::count_list(Absence& absence, UtcTime now) {
    bool const was_ahead = absence.last && now < *absence.last;  // the clock was, then
    if (!absence.last || was_ahead) {
        absence.last = now;
        return;
    }
    if (now - *absence.last < between_lists) return;
    absence.span = std::min(absence.span + counted_since(*absence.last, now), long_enough);
    absence.lists = std::min(absence.lists + 1, enough_lists);
    absence.last = now;
}

bool MissingVms::is_gone(VmUuid const& vm, UtcTime now) const {
    auto const found = missing_.find(vm);
    if (found == missing_.end()) return false;
    auto const& absence = found->second;
    return absence.last && absence.lists >= enough_lists &&
           absence.span + counted_since(*absence.last, now) >= long_enough;
}

}  // namespace sb::core
