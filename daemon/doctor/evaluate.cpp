#include "daemon/doctor/evaluate.hpp"

#include "common/text/ascii.hpp"
#include "common/text/duration_text.hpp"
#include "common/text/one_line.hpp"
#include "common/text/shell_word.hpp"
#include "common/text/size_text.hpp"
#include "daemon/core/text.hpp"

#include <algorithm>
#include <array>

namespace sb::doctor {
namespace {

std::string listed(std::vector<std::string> const& items) {
    std::string text;
    for (auto const& item : items) text += (text.empty() ? "" : ", ") + one_line(item);
    return text;
}

bool names_any(std::vector<std::string> const& functions, std::vector<std::string_view> const& words) {
    return std::ranges::any_of(functions, [&](std::string const& function) {
        auto const text = lower(function);
        return std::ranges::any_of(words, [&](std::string_view word) { return text.find(word) != std::string::npos; });
    });
}

Finding evaluate_hook(HookFile const& hook) {
    auto const subject = "hook " + hook.hook;
    auto const word = shell_word(hook.program);
    if (!hook.exists)
        return bad(subject, {Errc::not_found, "'" + hook.program + "' does not exist"},
                   "install the program, or correct [Hooks] " + hook.hook);
    if (!hook.executable)
        return bad(subject, {Errc::not_permitted, "the daemon's user may not run '" + hook.program + "'"},
                   "chmod a+rx " + word);
    if (hook.writable_by_all)
        return warning(subject, "every user can modify '" + hook.program + "', which the daemon runs",
                       "chmod o-w " + word);
    return good(subject, "'" + hook.program + "' is executable");
}

/// What does not answer has nothing to do with rights.
std::string remedy_of_folder(Error const& error, std::string remedy) {
    if (error.code != Errc::timed_out) return remedy;
    return "check its file system: the server or disk of it, and the system's log (dmesg)";
}

Finding evaluate_space(LocalFacts const& facts) {
    auto const subject = std::string("free space");
    if (!facts.space)
        return bad(subject, facts.space.error(),
                   remedy_of_folder(facts.space.error(), "check whether the file system of LocalPath is mounted"));
    auto const& space = *facts.space;
    auto const text = size_text(space.free_bytes) + " of " + size_text(space.total_bytes) + " are free";
    if (facts.largest_backup > space.free_bytes)
        return bad(subject, {Errc::no_space, text + "; the largest backup needs " + size_text(facts.largest_backup)},
                   "free space: scale-backupctl prune --dry-run shows what retention would delete");
    bool const low = space.total_bytes > 0 && space.free_bytes < space.total_bytes / 20;
    if (low) return warning(subject, text + ", less than 5 %", "scale-backupctl plan shows when the disk will be full");
    return good(subject, text);
}

Finding evaluate_clock(NodeFacts const& facts) {
    auto const subject = "clock of " + facts.host;
    if (!facts.ahead) return unknown(subject, "its response has no time");
    constexpr Milliseconds tolerated{120'000};
    auto const difference = std::chrono::abs(*facts.ahead);
    if (difference <= tolerated) return good(subject, "it agrees with this machine's clock");
    auto const text = "it is " + length_text(difference) + (*facts.ahead > Milliseconds(0) ? " ahead" : " behind");
    return warning(subject, text, "set up NTP on both: backup windows and ages use this machine's clock");
}

Finding evaluate_group(GroupFacts const& facts) {
    auto const subject = "group " + facts.key;
    if (facts.found) return good(subject, "'" + facts.name + "' exists");
    return bad(subject, facts.found.error(), "create the group, or correct " + facts.key);
}

Findings evaluate_rights(NodeFacts const& facts) {
    auto const subject = std::string("rights at the cluster");
    auto const user = "the user '" + facts.username + "'";
    if (!facts.rights) return {unknown(subject, facts.rights.error().context)};
    auto const& rights = *facts.rights;
    bool const everything = std::ranges::find(rights.functions, "*") != rights.functions.end();
    Findings findings;
    if (rights.roles.empty() || (!everything && !names_any(rights.functions, {"export", "backup"})))
        findings.push_back(
            warning(subject,
                    user + (rights.roles.empty() ? " has no roles" : " has the roles " + listed(rights.roles)) +
                        "; none of them mentions exports",
                    "give it a role that may export VMs; test it with a manual backup: scale-backupctl backup"));
    bool const too_much =
        everything || names_any(rights.functions, {"user", "role", "update", "shutdown", "certificate"});
    if (too_much)
        findings.push_back(
            warning("more rights than needed",
                    user + " has more rights than backups need (roles: " + listed(rights.roles) + ")",
                    "create a dedicated user whose roles only allow listing, exporting and importing VMs"));
    if (findings.empty()) findings.push_back(good(subject, user + " has the roles " + listed(rights.roles)));
    return findings;
}

std::string remedy_for_node(Errc code) {
    switch (code) {
        case Errc::pin_mismatch: return "compare the fingerprint with the cluster's, then set [Scale] CertFingerprint";
        case Errc::credentials_refused: return "check Username and Password in [Scale]";
        case Errc::forbidden: return "give the user in [Scale] the right to list VMs";
        default: return "check Host in [Scale], the network and firewalls; is the node up?";
    }
}

}  // namespace

Findings evaluate_local(LocalFacts const& facts) {
    Findings findings;
    if (facts.config_warnings.empty()) findings.push_back(good("configuration", "no problems"));
    for (auto const& text : facts.config_warnings) findings.push_back(warning("configuration", text, ""));
    if (facts.state_dir_writable) findings.push_back(good("state directory", "'" + facts.state_dir + "' is writable"));
    else
        findings.push_back(
            bad("state directory", facts.state_dir_writable.error(),
                remedy_of_folder(facts.state_dir_writable.error(),
                                 "it must belong to the daemon's user: chown -R USER " + shell_word(facts.state_dir))));
    if (facts.local_path_writable) findings.push_back(good("backup folder", "'" + facts.local_path + "' is writable"));
    else
        findings.push_back(
            bad("backup folder", facts.local_path_writable.error(),
                remedy_of_folder(
                    facts.local_path_writable.error(),
                    "LocalPath must exist (is it mounted?), and the daemon's user must have write access to it")));
    findings.push_back(evaluate_space(facts));
    for (auto const& hook : facts.hooks) findings.push_back(evaluate_hook(hook));
    for (auto const& group : facts.groups) findings.push_back(evaluate_group(group));
    if (!facts.open_readers_socket.empty())
        findings.push_back(warning(
            "readers' socket",
            "every user can connect to '" + facts.open_readers_socket +
                "', although only members of SocketReadGroup are answered: the daemon may not give it to that group",
            "make the daemon's user a member of the group (systemd: SupplementaryGroups=), then restart the daemon"));
    if (facts.log_file_is_folder)
        findings.push_back(bad("log file",
                               {Errc::invalid_config, "Daemon.LogFile: '" + facts.log_file + "' is a folder"},
                               "correct Daemon.LogFile: it must name a file"));
    return findings;
}

Finding evaluate_share(ShareFacts const& facts) {
    auto const subject = "share '" + facts.share + "'";
    if (facts.path_by_samba && *facts.path_by_samba != facts.local_path)
        return bad(subject,
                   {Errc::share_not_visible,
                    "Samba reports that its folder is '" + *facts.path_by_samba + "', not '" + facts.local_path + "'"},
                   "correct LocalPath or ShareName in [SMB], or the path of the share");
    if (facts.path_by_samba) return good(subject, "Samba reports that its folder is LocalPath");
    if (facts.last_arrival)
        return good(subject, "exports appear in LocalPath; the last one at " + format_rfc3339(*facts.last_arrival));
    return unknown(subject, "cannot determine whether its folder is LocalPath: " + facts.path_by_samba.error().context,
                   "the first backup will show it: the daemon reports an export whose folder is missing");
}

Finding evaluate_name(NameFacts const& facts) {
    auto const subject = "name " + facts.key;
    if (facts.found) return good(subject, "'" + facts.name + "' resolves to an address");
    return bad(subject, facts.found.error(), "correct " + facts.key + ", or the name service (DNS)");
}

Findings evaluate_node(NodeFacts const& facts) {
    auto const subject = "cluster " + facts.host;
    if (!facts.vms) return {bad(subject, facts.vms.error(), remedy_for_node(facts.vms.error().code))};
    Findings findings{good(subject, "certificate and login are valid; it has " +
                                        core::count_text(static_cast<std::int64_t>(*facts.vms), "VM"))};
    findings.push_back(evaluate_clock(facts));
    for (auto& finding : evaluate_rights(facts)) findings.push_back(std::move(finding));
    return findings;
}

Finding evaluate_mail(MailFacts const& facts) {
    if (!facts.configured)
        return warning("mail", "no mail is sent: nobody is notified of failures",
                       "set up [SMTP], then: scale-backupctl notify-test");
    if (facts.reachable) return good("mail", facts.server + " accepts mail");
    return bad("mail", facts.reachable.error(), "check [SMTP]; scale-backupctl notify-test sends a test mail");
}

Findings evaluate_schedule(ScheduleFacts const& facts) {
    if (!facts.configured)
        return {warning("schedule", "there is no schedule: nothing is backed up automatically", "set up [Schedule]")};
    Findings findings;
    if (facts.paused) findings.push_back(warning("schedule", "it is paused", "scale-backupctl resume"));
    if (facts.tag && facts.tag_matches_nothing.value_or(false))
        findings.push_back(bad("schedule", {Errc::not_found, "no VM of the cluster has the tag '" + *facts.tag + "'"},
                               "correct [Schedule] Tag, or give the VMs the tag"));
    if (!facts.behind.empty())
        findings.push_back(
            warning("schedule", "behind schedule: " + listed(facts.behind), "scale-backupctl why VM shows the reason"));
    if (findings.empty()) findings.push_back(good("schedule", "no VM is behind schedule"));
    return findings;
}

}  // namespace sb::doctor
