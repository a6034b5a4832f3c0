#pragma once
// Which node of the cluster is used. All nodes are equivalent, so the one that works is kept; another is used when it
// fails. Pure: what happened and the time go in, the choice comes out.

#include "common/error.hpp"
#include "common/time.hpp"

#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sb::hypercore {

/// What is known about a node.
struct NodeState {
    enum class Health { untried, well, away, wrong_certificate };
    Health health = Health::untried;
    std::string problem;     ///< in words, when it is not well
    int failures = 0;        ///< in a row
    SteadyTime out_until{};  ///< it is skipped until then, unless no other is left
};

/// Why a node failed, as far as it matters for the choice.
enum class NodeFault {
    none,               ///< the fault is not the node's: another one would reply the same
    away,               ///< not reached, no reply in time, not HTTP, or a gateway's 502, 503, 504
    wrong_certificate,  ///< its certificate is not one of the pinned ones
};

class Nodes {
public:
    explicit Nodes(std::size_t count) : states_(count) {}

    /// The node for the next attempt of one call that has failed at `tried` already; nothing if all were tried.
    /// The present one first; then, in the order of the configuration from there on, those whose pause is over.
    /// With nothing tried there always is one: if all are to be skipped, the one whose pause ends first. A node with a
    /// wrong certificate is never used before its pause is over, unless only such nodes are left.
    std::optional<std::size_t> next(std::set<std::size_t> const& tried, SteadyTime now) const;

    /// It answered: it is the current one from now on.
    void worked(std::size_t node);
    /// It is skipped for 5 s, doubled with each further failure up to 5 min; with a wrong certificate for 1 min.
    void failed(std::size_t node, NodeFault fault, std::string problem, SteadyTime now);
    /// A check of a node that is not in use (no call went there): its state changes, the choice does not.
    void checked(std::size_t node, NodeFault fault, std::string problem, SteadyTime now);

    std::size_t present() const { return present_; }
    std::vector<NodeState> const& states() const { return states_; }

private:
    std::vector<NodeState> states_;
    std::size_t present_ = 0;
};

/// The meaning of a transport error.
NodeFault fault_of(Errc code);

}  // namespace sb::hypercore
