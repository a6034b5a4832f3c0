#pragma once
// The table of faults: the fault at the cluster, and the result of a job in each phase.

#include <chrono>
#include <ostream>
#include <string>
#include <vector>

namespace sb::test {

/// How a job ends.
struct End {
    enum class Kind {
        not_applicable,    ///< the fault cannot occur in this phase
        succeeds,          ///< once the fault has passed
        fails,             ///< with this text
        lost,              ///< with this text: the request may have been executed, and nothing shows it
        succeeds_or_lost,  ///< depending on the time of the fault
    };
    Kind kind = Kind::succeeds;
    std::string text = {};
};

inline End const ok{End::Kind::succeeds};
inline End const not_applicable{End::Kind::not_applicable};
inline End fails(std::string text) { return {End::Kind::fails, std::move(text)}; }
inline End lost(std::string text = "no answer came") { return {End::Kind::lost, std::move(text)}; }
inline End const ok_or_lost{End::Kind::succeeds_or_lost};

/// The target of the fault.
enum class Aim {
    call,  ///< the calls of one phase of one job; other jobs are not affected
    node,  ///< the node: every caller
};

struct FaultRow {
    std::string name;
    std::string fault;  ///< members of the simulator's fault, without the match
    int times = 1;      ///< how often it is injected in a phase; 0 = until the job has ended
    // Phases of a job: checks before anything is sent, the request, polling an export, polling an import.
    End preparing, posting, following, importing;
    Aim aim = Aim::call;
    /// [Timeouts] Request and Submit. A row that waits for this limit has a short one; the others have one that a busy
    /// machine does not reach.
    std::chrono::seconds limit{15};
};

inline void PrintTo(FaultRow const& row, std::ostream* out) { *out << row.name; }

std::vector<FaultRow> const& fault_rows();

}  // namespace sb::test
