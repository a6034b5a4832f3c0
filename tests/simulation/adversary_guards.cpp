#include "tests/simulation/adversary_guards.hpp"

namespace sb::test::adversary {

namespace {

char const* name_of(core::Skip reason) {
    using enum core::Skip;
    switch (reason) {
        case not_eligible: return "not_eligible";
        case wrong_tag: return "wrong_tag";
        case in_progress: return "in_progress";
        case not_due: return "not_due";
        case backing_off: return "backing_off";
        case paused: return "paused";
        case storage_in_doubt: return "storage_in_doubt";
        case on_hold: return "on_hold";
        case no_space: return "no_space";
        case window_closed: return "window_closed";
        case no_free_slot: return "no_free_slot";
        default: return "for another reason";
    }
}

/// The others are no guards, but what the rules say.
bool is_guard(core::Verdict const& verdict) {
    return verdict.keep && verdict.reason != core::Reason::within_rules && verdict.reason != core::Reason::manual;
}

}  // namespace

void Guards::note(std::vector<core::Condition> const& standing) {
    std::set<std::pair<core::ConditionKind, std::string>> now;
    for (auto const& condition : standing) {
        now.emplace(condition.kind, condition.subject);
        if (!standing_.contains({condition.kind, condition.subject}))
            ++counts_["condition " + std::string(core::info_of(condition.kind).name)];
    }
    standing_ = std::move(now);
}

void Guards::note(std::vector<core::Verdict> const& verdicts) {
    std::set<std::pair<std::string, core::Reason>> now;
    for (auto const& verdict : verdicts) {
        if (!is_guard(verdict)) continue;
        now.emplace(verdict.backup, verdict.reason);
        if (!kept_.contains({verdict.backup, verdict.reason}))
            ++counts_["kept " + std::string(core::name_of(verdict.reason))];
    }
    kept_ = std::move(now);
}

void Guards::note(core::Plan const& plan) {
    std::map<VmUuid, core::Skip> now;
    for (auto const& skipped : plan.skipped) {
        now[skipped.vm] = skipped.reason;
        auto const before = skipped_.find(skipped.vm);
        bool const is_new = before == skipped_.end() || before->second != skipped.reason;
        if (is_new) ++counts_["not started " + std::string(name_of(skipped.reason))];
    }
    skipped_ = std::move(now);
}

void Guards::refused(std::string const& what) { ++counts_["refused " + what]; }

}  // namespace sb::test::adversary
