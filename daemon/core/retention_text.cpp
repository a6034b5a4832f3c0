// The names and sentences for retention's verdicts.
#include "daemon/core/retention.hpp"

#include "common/text/duration_text.hpp"
#include "common/text/shell_word.hpp"

namespace sb::core {

namespace {

std::string kept_although(Rule rule, RetentionPolicy const& policy, std::string const& why) {
    return "kept although " + rule_text(rule, policy) + ": " + why;
}

}  // namespace

std::string rule_text(Rule rule, RetentionPolicy const& policy) {
    if (rule == Rule::max_age && policy.max_age)
        return "it is older than MaxAge (" + duration_text(*policy.max_age) + ")";
    if (rule == Rule::max_backups && policy.max_backups)
        return "its VM has more than MaxBackups (" + std::to_string(*policy.max_backups) + ") backups";
    return "a retention rule applies";
}

std::string explain(Verdict const& v, RetentionPolicy const& policy) {
    auto const although = [&](std::string const& why) { return kept_although(v.rule, policy, why); };
    switch (v.reason) {
        case Reason::within_rules:
            return policy.max_age || policy.max_backups ? "kept: within MaxBackups and MaxAge"
                                                        : "kept: neither MaxBackups nor MaxAge is set";
        case Reason::manual: return "kept: it is a manual backup";
        case Reason::protected_by_user: return "kept: it is protected";
        case Reason::not_a_copy: return "kept: not a complete backup; not counted";
        case Reason::damaged: return "kept: damaged; not counted. Check its files";
        case Reason::renamed_by_hand:
            if (v.blocker.empty())
                return "kept: it was copied by hand, and the name in its manifest changed; another folder has the same "
                       "export. Not counted";
            return "kept: its folder was renamed or copied by hand; not counted. Its manifest calls it '" + v.blocker +
                   "'";
        case Reason::vm_unknown: return "kept: its manifest does not say which VM it belongs to";
        case Reason::other_cluster: return "kept: it is of another cluster, " + v.blocker;
        case Reason::cluster_unknown:
            return "kept: it may be of another cluster; its manifest names only the host " + v.blocker;
        case Reason::not_known:
            return "kept: the journal does not know it; not counted. To have it checked and counted: " +
                   suggested_command("adopt", {v.backup});
        case Reason::unanswered: return "kept: its folder does not answer; not counted until it does";
        case Reason::end_not_known:
            return "kept: the cluster never reported that its export was complete; not counted. To accept it after a "
                   "test restore: " +
                   suggested_command("accept", {v.backup});
        case Reason::storage_in_doubt: return although("LocalPath may not be where the backups were written");
        case Reason::clock_in_doubt: return although("the clock may be wrong: " + v.blocker);
        case Reason::on_hold: return although(v.blocker);
        case Reason::newest_in_future:
            return although("backup '" + v.blocker + "' of this VM is dated in the future, so a clock was wrong");
        case Reason::other_copy_damaged:
            return although("backup '" + v.blocker + "' of this VM is damaged, so this one may be needed");
        case Reason::some_copy_damaged:
            return although("backup '" + v.blocker +
                            "' is damaged and may belong to this VM, so this one may be needed");
        case Reason::unreadable_copy:
            return although("backup '" + v.blocker + "' of this VM could not be read, so this one may be needed");
        case Reason::unanswered_copy:
            return although("the folder of backup '" + v.blocker +
                            "' of this VM does not answer, so this one may be needed");
        case Reason::some_copy_unanswered:
            return although("the folder '" + v.blocker +
                            "' does not answer and may be a backup of this VM, so this one may be needed");
        case Reason::may_be_continued: return although(v.blocker);
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
        case Reason::renamed_by_hand: return "renamed_by_hand";
        case Reason::vm_unknown: return "vm_unknown";
        case Reason::other_cluster: return "other_cluster";
        case Reason::cluster_unknown: return "cluster_unknown";
        case Reason::not_known: return "not_known";
        case Reason::unanswered: return "unanswered";
        case Reason::end_not_known: return "end_not_known";
        case Reason::storage_in_doubt: return "storage_in_doubt";
        case Reason::clock_in_doubt: return "clock_in_doubt";
        case Reason::on_hold: return "on_hold";
        case Reason::newest_in_future: return "newest_in_future";
        case Reason::other_copy_damaged: return "other_copy_damaged";
        case Reason::some_copy_damaged: return "some_copy_damaged";
        case Reason::unreadable_copy: return "unreadable_copy";
        case Reason::unanswered_copy: return "unanswered_copy";
        case Reason::some_copy_unanswered: return "some_copy_unanswered";
        case Reason::may_be_continued: return "may_be_continued";
        case Reason::last_good_copy: return "last_good_copy";
        case Reason::no_verified_newer: return "no_verified_newer";
        case Reason::over_max_backups: return "over_max_backups";
        case Reason::over_max_age: return "over_max_age";
    }
    return "?";
}

}  // namespace sb::core
