#pragma once
// The table: what goes wrong at the cluster, and how a job ends that it strikes in each phase.

#include <ostream>
#include <string>
#include <vector>

namespace sb::test {

/// How a job ends.
struct End {
    enum class Kind {
        not_tried,         ///< the fault cannot strike in this phase
        succeeds,          ///< once the fault has passed
        fails,             ///< with these words
        lost,              ///< with these words: the order may have been carried out, and nothing shows it
        succeeds_or_lost,  ///< as the fault's moment has it
    };
    Kind kind = Kind::succeeds;
    std::string words = {};
};

inline End const ok{End::Kind::succeeds};
inline End const not_tried{End::Kind::not_tried};
inline End fails(std::string words) { return {End::Kind::fails, std::move(words)}; }
inline End lost(std::string words = "its answer never came") { return {End::Kind::lost, std::move(words)}; }
inline End const ok_or_lost{End::Kind::succeeds_or_lost};

/// Where the fault is aimed at.
enum class Aim {
    call,  ///< at the calls of one phase of one job, while the other jobs go on
    node,  ///< at the node: whatever asks it then
};

struct FaultRow {
    std::string name;
    std::string fault;  ///< members of the simulator's fault, without the match
    int times = 1;      ///< so often it strikes in a phase; 0 = until the job has ended
    // Phases of a job: looking at the cluster before anything is sent, the order, following an export, following an
    // import.
    End preparing, posting, following, importing;
    Aim aim = Aim::call;
};

inline void PrintTo(FaultRow const& row, std::ostream* out) { *out << row.name; }

std::vector<FaultRow> const& fault_rows();

}  // namespace sb::test
