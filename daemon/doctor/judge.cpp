#include "daemon/doctor/judge.hpp"

#include "common/text/ascii.hpp"
#include "common/text/shell_word.hpp"
#include "common/text/size_text.hpp"
#include "daemon/core/text.hpp"

#include <algorithm>
#include <array>

namespace sb::doctor {
namespace {

std::string listed(std::vector<std::string> const& words) {
    std::string text;
    for (auto const& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

bool names_any(std::vector<std::string> const& functions, std::vector<std::string_view> const& words) {
    return std::ranges::any_of(functions, [&](std::string const& function) {
        auto const text = lower(function);
        return std::ranges::any_of(words, [&](std::string_view word) { return text.find(word) != std::string::npos; });
    });
}

Finding judge_hook(HookFile const& hook) {
    auto const subject = "hook " + hook.hook;
    auto const word = shell_word(hook.program);
    if (!hook.exists)
        return bad(subject, {Errc::not_found, "there is no '" + hook.program + "'"},
                   "put the program there, or correct [Hooks] " + hook.hook);
    if (!hook.executable)
        return bad(subject, {Errc::not_permitted, "the daemon may not run '" + hook.program + "'"},
                   "chmod a+rx " + word);
    if (hook.writable_by_all)
        return warning(subject, "every user can change '" + hook.program + "', which the daemon runs",
                       "chmod o-w " + word);
    return good(subject, "'" + hook.program + "' can be run");
}

Finding judge_space(LocalFacts const& facts) {
    auto const subject = std::string("free space");
    if (!facts.space) return bad(subject, facts.space.error(), "look whether the file system of LocalPath is mounted");
    auto const& space = *facts.space;
    auto const text = size_text(space.free_bytes) + " of " + size_text(space.total_bytes) + " are free";
    if (facts.largest_backup > space.free_bytes)
        return bad(subject, {Errc::no_space, text + "; the largest backup has " + size_text(facts.largest_backup)},
                   "make room: scale-backupctl prune --dry-run shows what retention would delete");
    bool const little = space.total_bytes > 0 && space.free_bytes < space.total_bytes / 20;
    if (little)
        return warning(subject, text + ", less than a twentieth",
                       "scale-backupctl plan says when the disk will be full");
    return good(subject, text);
}

Finding judge_clock(NodeFacts const& facts) {
    auto const subject = "clock of " + facts.host;
    if (!facts.ahead) return unknown(subject, "its answer tells no time");
    constexpr Milliseconds tolerated{120'000};
    auto const off = std::chrono::abs(*facts.ahead);
    if (off <= tolerated) return good(subject, "it agrees with ours");
    auto const words =
        "it is " + length_text(off) + (*facts.ahead > Milliseconds(0) ? " ahead of ours" : " behind ours");
    return warning(subject, words, "set up NTP on both: windows and ages of backups go by this machine's clock");
}

Findings judge_rights(NodeFacts const& facts) {
    auto const subject = std::string("rights at the cluster");
    auto const user = "the user '" + facts.username + "'";
    if (!facts.rights) return {unknown(subject, facts.rights.error().context)};
    auto const& rights = *facts.rights;
    bool const everything = std::ranges::find(rights.functions, "*") != rights.functions.end();
    Findings findings;
    if (rights.roles.empty() || (!everything && !names_any(rights.functions, {"export", "backup"})))
        findings.push_back(warning(
            subject,
            user + " has the roles " + (rights.roles.empty() ? "(none)" : listed(rights.roles)) +
                ", and none of them names exports",
            "give it a role that may export VMs; a backup by hand shows whether it may: scale-backupctl backup"));
    bool const too_much =
        everything || names_any(rights.functions, {"user", "role", "update", "shutdown", "certificate"});
    if (too_much)
        findings.push_back(warning("rights too many",
                                   user + " may do more than backups need (roles: " + listed(rights.roles) + ")",
                                   "give the daemon a user of its own, with roles to see, export and import VMs only"));
    if (findings.empty()) findings.push_back(good(subject, user + " has the roles " + listed(rights.roles)));
    return findings;
}

std::string remedy_for_node(Errc code) {
    switch (code) {
        case Errc::pin_mismatch:
            return "compare the fingerprint at the cluster, then put it into [Scale] CertFingerprint";
        case Errc::credentials_refused: return "check Username and Password of [Scale]";
        case Errc::forbidden: return "give the user of [Scale] the right to see VMs";
        default: return "check Host of [Scale], the network and firewalls between; is the node up?";
    }
}

}  // namespace

Findings judge_local(LocalFacts const& facts) {
    Findings findings;
    if (facts.config_warnings.empty()) findings.push_back(good("configuration", "no problem"));
    for (auto const& words : facts.config_warnings) findings.push_back(warning("configuration", words, ""));
    if (facts.state_dir_writable)
        findings.push_back(good("state directory", "'" + facts.state_dir + "' can be written"));
    else
        findings.push_back(bad("state directory", facts.state_dir_writable.error(),
                               "it must belong to the daemon's user: chown -R USER " + shell_word(facts.state_dir)));
    if (facts.local_path_writable)
        findings.push_back(good("backup folder", "'" + facts.local_path + "' can be written"));
    else
        findings.push_back(
            bad("backup folder", facts.local_path_writable.error(),
                "LocalPath must be there (mounted?), and the daemon's user must be able to write in it"));
    findings.push_back(judge_space(facts));
    for (auto const& hook : facts.hooks) findings.push_back(judge_hook(hook));
    return findings;
}

Finding judge_share(ShareFacts const& facts) {
    auto const subject = "share '" + facts.share + "'";
    if (facts.path_by_samba && *facts.path_by_samba != facts.local_path)
        return bad(subject,
                   {Errc::share_not_visible,
                    "Samba says that its folder is '" + *facts.path_by_samba + "', not '" + facts.local_path + "'"},
                   "correct LocalPath or ShareName of [SMB], or the share's path");
    if (facts.path_by_samba) return good(subject, "its folder is LocalPath, says Samba");
    if (facts.last_arrival)
        return good(subject, "exports arrive in LocalPath; the last one at " + format_rfc3339(*facts.last_arrival));
    return unknown(subject, "whether its folder is LocalPath is not known: " + facts.path_by_samba.error().context,
                   "the first backup shows it; a daemon that finds no folder after an export says so");
}

Finding judge_name(NameFacts const& facts) {
    auto const subject = "name " + facts.key;
    if (facts.found) return good(subject, "'" + facts.name + "' has an address");
    return bad(subject, facts.found.error(), "correct " + facts.key + ", or the name service");
}

Findings judge_node(NodeFacts const& facts) {
    auto const subject = "cluster " + facts.host;
    if (!facts.vms) return {bad(subject, facts.vms.error(), remedy_for_node(facts.vms.error().code))};
    Findings findings{good(subject, "certificate and log-in are right; it has " +
                                        core::count_text(static_cast<std::int64_t>(*facts.vms), "VM"))};
    findings.push_back(judge_clock(facts));
    for (auto& finding : judge_rights(facts)) findings.push_back(std::move(finding));
    return findings;
}

Finding judge_mail(MailFacts const& facts) {
    if (!facts.configured)
        return warning("mail", "no mail is sent: nobody hears of failures who does not look",
                       "set up [SMTP], then: scale-backupctl notify-test");
    if (facts.reachable) return good("mail", facts.server + " takes mail from us");
    return bad("mail", facts.reachable.error(), "check [SMTP]; scale-backupctl notify-test sends a mail");
}

Findings judge_schedule(ScheduleFacts const& facts) {
    if (!facts.configured)
        return {warning("schedule", "there is none: nothing is backed up by itself", "set up [Schedule]")};
    Findings findings;
    if (facts.paused) findings.push_back(warning("schedule", "it is paused", "scale-backupctl resume"));
    if (facts.tag && facts.tag_matches_nothing.value_or(false))
        findings.push_back(bad("schedule", {Errc::not_found, "no VM of the cluster has the tag '" + *facts.tag + "'"},
                               "correct [Schedule] Tag, or give VMs the tag"));
    if (!facts.behind.empty())
        findings.push_back(warning("schedule", "behind: " + listed(facts.behind), "scale-backupctl why VM says why"));
    if (findings.empty()) findings.push_back(good("schedule", "no VM is behind"));
    return findings;
}

}  // namespace sb::doctor
