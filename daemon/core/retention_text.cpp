// The words and sentences for retention's verdicts.
#include "daemon/core/retention.hpp"

#include "common/text/duration_text.hpp"

namespace sb::core {

namespace {

std::string rule_text(Rule rule, RetentionPolicy const& policy) {
    if (rule == Rule::max_age && policy.max_age)
        return "it is older than MaxAge (" + duration_text(*policy.max_age) + ")";
    if (rule == Rule::max_backups && policy.max_backups)
        return "its VM has more than MaxBackups (" + std::to_string(*policy.max_backups) + ")";
    return "a rule asks for it";
}

std::string kept_although(Rule rule, RetentionPolicy const& policy, std::string const& why) {
    return "kept although " + rule_text(rule, policy) + ": " + why;
}

}  // namespace

std::string explain(Verdict const& v, RetentionPolicy const& policy) {
    auto const although = [&](std::string const& why) { return kept_although(v.rule, policy, why); };
    switch (v.reason) {
        case Reason::within_rules:
            return policy.max_age || policy.max_backups ? "kept: within MaxBackups and MaxAge"
                                                        : "kept: neither MaxBackups nor MaxAge is set";
        case Reason::manual: return "kept: it was made by hand, not by the schedule";
        case Reason::protected_by_user: return "kept: it is protected";
        case Reason::not_a_copy: return "kept: it is no complete backup; it does not count as a copy";
        case Reason::damaged: return "kept: it is damaged and should be looked at; it does not count as a copy";
        case Reason::vm_unknown: return "kept: its manifest does not say of which VM it is";
        case Reason::storage_in_doubt:
            return although("LocalPath may be another place than the backups were written to before");
        case Reason::clock_behind: return although("the clock shows a time that was already recorded as past");
        case Reason::newest_in_future:
            return although("a backup of this VM, '" + v.because + "', is dated in the future, so a clock was wrong");
        case Reason::other_copy_damaged:
            return although("another backup of this VM, '" + v.because + "', is damaged, so this one may be needed");
        case Reason::some_copy_damaged:
            return although("backup '" + v.because +
                            "' is damaged and nothing tells of which VM it is, so this one may be needed");
        case Reason::last_good_copy: return although("it is the newest good backup of a VM that still exists");
        case Reason::no_verified_newer: return although("no newer backup of this VM has been verified");
        case Reason::over_max_backups:
        case Reason::over_max_age: return "deleted: " + rule_text(v.rule, policy);
    }
    return {};
}

std::string_view name_of(Reason reason) {
    switch (reason) {
        case Reason::within_rules: return "within_rules";
        case Reason::manual: return "manual";
        case Reason::protected_by_user: return "protected";
        case Reason::not_a_copy: return "not_a_copy";
        case Reason::damaged: return "damaged";
        case Reason::vm_unknown: return "vm_unknown";
        case Reason::storage_in_doubt: return "storage_in_doubt";
        case Reason::clock_behind: return "clock_behind";
        case Reason::newest_in_future: return "newest_in_future";
        case Reason::other_copy_damaged: return "other_copy_damaged";
        case Reason::some_copy_damaged: return "some_copy_damaged";
        case Reason::last_good_copy: return "last_good_copy";
        case Reason::no_verified_newer: return "no_verified_newer";
        case Reason::over_max_backups: return "over_max_backups";
        case Reason::over_max_age: return "over_max_age";
    }
    return "?";
}

}  // namespace sb::core
