#pragma once
// How often each guard of the engine was seen at work: in its conditions, verdicts, plans and answers, never by
// counters inside the engine.

#include "daemon/core/condition.hpp"
#include "daemon/core/plan.hpp"
#include "daemon/core/retention.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sb::test::adversary {

class Guards {
public:
    /// Those that stand. A condition counts when it is raised, not for each look.
    void note(std::vector<core::Condition> const& standing);
    /// What the rules would delete and is kept nevertheless, once for each copy and reason, and what they do not judge.
    void note(std::vector<core::Verdict> const& verdicts);
    /// Why VMs that may be due were not started: once, until the reason changes.
    void note(core::Plan const& plan);
    /// A command was refused, or a job ended so: by the kind of the error.
    void refused(std::string const& what);

    /// "condition clock_in_doubt", "kept last_good_copy", "not started on_hold", "refused name_in_use"
    std::map<std::string, std::uint64_t> const& counts() const { return counts_; }

private:
    std::map<std::string, std::uint64_t> counts_;
    std::set<std::pair<core::ConditionKind, std::string>> standing_;
    std::set<std::pair<std::string, core::Reason>> kept_;
    std::map<VmUuid, core::Skip> skipped_;
};

}  // namespace sb::test::adversary
