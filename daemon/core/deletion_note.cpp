#include "daemon/core/deletion_note.hpp"

#include <algorithm>
#include <cstddef>

namespace sb::core {

void add_note(DeletionNotes& notes, DeletionNote note) {
    constexpr std::size_t max_notes = 2;
    std::erase_if(notes, [&](DeletionNote const& known) {
        return known.success == note.success || known.deleted > note.deleted + clock_slack;
    });
    notes.push_back(note);
    if (notes.size() > max_notes) notes.erase(notes.begin());
}

bool take_back_note(DeletionNotes& notes, UtcTime success) {
    return std::erase_if(notes, [&](DeletionNote const& known) { return known.success == success; }) > 0;
}

bool is_noted(DeletionNotes const& notes, UtcTime success) {
    return std::ranges::find(notes, success, &DeletionNote::success) != notes.end();
}

bool is_repeated_deletion(DeletionNotes const& notes, UtcTime success, Timing const& timing, Zone const& zone) {
    auto const own = std::ranges::find(notes, success, &DeletionNote::success);
    if (own == notes.end()) return false;
    return std::ranges::any_of(notes, [&](DeletionNote const& other) {
        if (other.success == success) return false;
        return own->deleted <= add(add(other.deleted, timing.interval, zone), timing.interval, zone);
    });
}

}  // namespace sb::core
