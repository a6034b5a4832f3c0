#include "daemon/control/places.hpp"

#include <algorithm>

namespace sb::control {
namespace {

/// The longest idle one among those that `may_go`.
std::optional<std::size_t> idlest(std::vector<Place> const& taken, auto const& may_go) {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < taken.size(); ++i) {
        if (!taken[i].idle_since || !may_go(taken[i])) continue;
        if (!found || *taken[i].idle_since < *taken[*found].idle_since) found = i;
    }
    return found;
}

Admission in_the_place_of(std::optional<std::size_t> displaced, std::size_t busy) {
    Admission admission;
    admission.is_admitted = displaced.has_value();
    admission.displaced = displaced;
    if (!displaced) admission.refusal = std::to_string(busy) + " clients are busy; try again later";
    return admission;
}

/// For a user that has as many sessions as one user may have, one of that user's idle sessions is closed.
Admission admit_one_more(std::vector<Place> const& taken, Place const& newcomer, std::size_t own) {
    auto const is_its_own = [&](Place const& place) { return place.uid == newcomer.uid; };
    auto admission = in_the_place_of(idlest(taken, is_its_own), own);
    if (!admission.is_admitted)
        admission.refusal = "this user has " + std::to_string(own) + " busy connections; close some of them";
    return admission;
}

Admission admit_reader(std::vector<Place> const& taken, Place const& newcomer, PlaceLimits const& limits) {
    auto const readers = static_cast<std::size_t>(std::ranges::count(taken, Rank::reader, &Place::rank));
    bool const is_full = readers >= limits.for_readers() || taken.size() >= limits.all;
    if (!is_full) return {};
    return in_the_place_of(idlest(taken, [&](Place const& place) { return place.uid == newcomer.uid; }), taken.size());
}

}  // namespace

Admission admit(std::vector<Place> const& taken, Place const& newcomer, PlaceLimits const& limits) {
    bool const is_root = newcomer.rank == Rank::root;
    bool const is_reader = newcomer.rank < Rank::admin;
    auto const own = static_cast<std::size_t>(std::ranges::count(taken, newcomer.uid, &Place::uid));
    if (!is_root && own >= (is_reader ? limits.of_one_reader : limits.of_one_admin))
        return admit_one_more(taken, newcomer, own);
    if (is_reader) return admit_reader(taken, newcomer, limits);
    auto const not_of_root =
        static_cast<std::size_t>(std::ranges::count_if(taken, [](Place const& p) { return p.rank != Rank::root; }));
    bool const is_full = taken.size() >= limits.all || (!is_root && not_of_root >= limits.for_admins());
    if (!is_full) return {};
    // A reader's idle session first; then the idlest of all, but root's only for root.
    auto displaced = idlest(taken, [](Place const& place) { return place.rank == Rank::reader; });
    if (!displaced) displaced = idlest(taken, [&](Place const& place) { return is_root || place.rank != Rank::root; });
    return in_the_place_of(displaced, taken.size());
}

}  // namespace sb::control
