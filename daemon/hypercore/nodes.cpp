#include "daemon/hypercore/nodes.hpp"

#include <algorithm>

namespace sb::hypercore {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds first_pause = 5s;
constexpr Milliseconds max_pause = 5min;
constexpr Milliseconds pause_of_a_stranger = 1min;  // an administrator fixes it, or it is not a node of this cluster

Milliseconds pause_after(int failures) {
    auto pause = first_pause;
    for (int i = 1; i < failures && pause < max_pause; ++i) pause *= 2;
    return std::min(pause, max_pause);
}

}  // namespace

std::optional<std::size_t> Nodes::next(std::set<std::size_t> const& tried, SteadyTime now) const {
    using Health = NodeState::Health;
    auto const is_out = [now](NodeState const& state) {
        bool const failed = state.health == Health::away || state.health == Health::wrong_certificate;
        return failed && now < state.out_until;
    };
    // The last resort: the node whose pause ends first; a stranger only if there is no other.
    auto const before = [this](std::size_t a, std::size_t b) {
        bool const a_strange = states_[a].health == Health::wrong_certificate;
        bool const b_strange = states_[b].health == Health::wrong_certificate;
        if (a_strange != b_strange) return b_strange;
        return states_[a].out_until < states_[b].out_until;
    };
    std::optional<std::size_t> last_resort;
    for (std::size_t step = 0; step < states_.size(); ++step) {
        auto const node = (present_ + step) % states_.size();
        if (tried.contains(node)) continue;
        if (!is_out(states_[node])) return node;
        if (!last_resort || before(node, *last_resort)) last_resort = node;
    }
    // Once a call was tried at one node, nodes known to be away are not worth its time.
    if (!tried.empty()) return std::nullopt;
    return last_resort;
}

void Nodes::worked(std::size_t node) {
    states_[node] = NodeState();
    states_[node].health = NodeState::Health::well;
    present_ = node;
}

void Nodes::failed(std::size_t node, NodeFault fault, std::string problem, SteadyTime now) {
    if (fault == NodeFault::none) return;
    auto& state = states_[node];
    ++state.failures;
    bool const stranger = fault == NodeFault::wrong_certificate;
    state.health = stranger ? NodeState::Health::wrong_certificate : NodeState::Health::away;
    state.out_until = now + (stranger ? pause_of_a_stranger : pause_after(state.failures));
    state.problem = std::move(problem);
}

void Nodes::checked(std::size_t node, NodeFault fault, std::string problem, SteadyTime now) {
    if (fault != NodeFault::none) return failed(node, fault, std::move(problem), now);
    states_[node] = NodeState();
    states_[node].health = NodeState::Health::well;
}

NodeFault fault_of(Errc code) {
    switch (code) {
        case Errc::unreachable:
        case Errc::timed_out:
        case Errc::unavailable:
        case Errc::malformed: return NodeFault::away;
        case Errc::pin_mismatch: return NodeFault::wrong_certificate;
        default: return NodeFault::none;
    }
}

}  // namespace sb::hypercore
