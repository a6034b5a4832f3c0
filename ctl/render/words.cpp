#include "ctl/render/words.hpp"

#include "common/error.hpp"
#include "ctl/render/display_width.hpp"

#include <array>

namespace sb::ctl {
namespace {

using std::chrono::seconds;

/// Local time as RFC 3339, to cut the wanted parts from.
std::string local_text(UtcTime time, Look const& look) {
    return format_rfc3339(time, look.offset ? look.offset(time) : std::chrono::minutes{0});
}

/// The biggest unit that fits, alone: ages need no more.
std::string rough_length(seconds length) {
    auto const s = length.count();
    auto say = [](long long count, std::string_view unit) { return std::to_string(count) + " " + std::string(unit); };
    if (s < 60) return say(s, "s");
    if (s < 60 * 60) return say(s / 60, "min");
    if (s < 48 * 60 * 60) return say(s / 3600, "h");
    return say(s / 86400, "days");
}

std::string in_quotes(std::string_view name) { return "'" + escape_controls(name) + "'"; }

std::string folder_of(std::string const& backup_root, std::string const& backup) {
    if (backup_root.empty()) return "folder " + in_quotes(backup);
    std::string path = backup_root;
    if (path.back() != '/') path += '/';
    return in_quotes(path + backup);
}

std::string took(rpc::JobInfo const& job) {
    if (!job.finished) return "";
    // From its start, not from when it was queued: the wait is no property of the VM.
    auto const length = *job.finished - job.started.value_or(job.queued);
    return " in " + length_text(std::chrono::round<seconds>(std::max(length, Milliseconds{0})));
}

}  // namespace

std::string toned(std::string_view text, Tone tone, bool color) {
    constexpr std::array<std::string_view, 6> codes{"", "32", "36", "33", "31", "2"};
    auto const code = codes[static_cast<std::size_t>(tone)];
    if (!color || code.empty()) return std::string(text);
    return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::string moment_text(UtcTime time, Look const& look) {
    auto text = local_text(time, look).substr(0, 16);
    if (text.size() > 10) text[10] = ' ';
    return text;
}

std::string clock_text(UtcTime time, Look const& look) { return local_text(time, look).substr(11, 8); }

std::string age_text(UtcTime time, UtcTime now) {
    auto const age = std::chrono::floor<seconds>(now - time);
    if (age < seconds{0}) return age > seconds{-2} ? "just now" : "in " + rough_length(-age);
    if (age < seconds{2}) return "just now";
    return rough_length(age) + " ago";
}

std::string moment_with_age(std::optional<UtcTime> time, Look const& look) {
    if (!time) return "-";
    return moment_text(*time, look) + " (" + age_text(*time, look.now) + ")";
}

std::string length_text(seconds length) {
    auto const s = length.count();
    auto two = [](long long big, std::string_view unit, long long small, std::string_view small_unit) {
        auto text = std::to_string(big) + " " + std::string(unit);
        if (small > 0) text += " " + std::to_string(small) + " " + std::string(small_unit);
        return text;
    };
    if (s < 60) return std::to_string(std::max(0LL, static_cast<long long>(s))) + " s";
    if (s < 3600) return two(s / 60, "min", s % 60, "s");
    if (s < 86400) return two(s / 3600, "h", s % 3600 / 60, "min");
    return two(s / 86400, "d", s % 86400 / 3600, "h");
}

std::string listed(std::vector<std::string> const& names) {
    std::string text;
    for (auto const& name : names) text += (text.empty() ? "" : ", ") + escape_controls(name);
    return text;
}

std::string task_words(rpc::JobInfo const& job) {
    if (job.kind == "restore") return "restore of " + in_quotes(job.backup) + " as " + escape_controls(job.vm);
    if (job.kind == "verify") return "verify of " + in_quotes(job.backup);
    auto const kind = job.kind.empty() ? std::string("job") : escape_controls(job.kind);
    return kind + " of " + escape_controls(job.vm.empty() ? job.vm_uuid : job.vm);
}

std::string phase_words(rpc::JobInfo const& job) {
    if (has_ended(job)) return job.state;
    if (job.state == "queued" || job.phase == "queued") return "waiting for its turn";
    if (job.phase == "preparing") return "preparing";
    if (job.phase == "pre_hook") return "running the hook before it";
    if (job.phase == "post_hook") return "running the hook after it";
    if (job.phase == "posting") return "asking the cluster";
    if (job.phase == "resolving") return "finding out whether the cluster took the request";
    if (job.phase == "following") return job.kind == "restore" ? "importing" : "exporting";
    if (job.phase == "reading") return "reading";
    if (job.phase == "inspecting" && job.kind == "verify") return "checking the structure";
    if (job.phase == "inspecting") return job.kind == "restore" ? "looking at the new VM" : "checking what arrived";
    if (job.phase == "committing") return "writing the manifest";
    if (job.phase == "discarding") return "removing what arrived";
    return escape_controls(job.phase.empty() ? job.state : job.phase);
}

std::string phase_with_percent(rpc::JobInfo const& job) {
    auto text = phase_words(job);
    if (has_percent(job)) text += " " + std::to_string(job.percent.value_or(0)) + " %";
    if (job.cancel_requested && !has_ended(job))
        text += job.kind == "verify" ? ", to be cancelled" : ", to be discarded";
    return text;
}

bool has_percent(rpc::JobInfo const& job) {
    return (job.phase == "following" || job.phase == "reading") && !has_ended(job);
}

bool has_ended(rpc::JobInfo const& job) {
    return job.state == "succeeded" || job.state == "failed" || job.state == "cancelled" || job.state == "lost";
}

Tone tone_of_job(std::string_view state) {
    if (state == "succeeded") return Tone::good;
    if (state == "running") return Tone::busy;
    if (state == "cancelled") return Tone::warning;
    if (state == "failed" || state == "lost") return Tone::bad;
    return Tone::plain;
}

Tone tone_of_backup(std::string_view state) {
    if (state == "complete") return Tone::good;
    if (state == "exporting") return Tone::busy;
    if (state == "unverified" || state == "incomplete") return Tone::warning;
    if (state == "damaged") return Tone::bad;
    return Tone::plain;
}

std::string ending_sentence(rpc::JobInfo const& job, std::string const& backup_root) {
    auto const error = escape_controls(job.error.value_or(""));
    auto const because = error.empty() ? std::string(".") : ": " + error;
    if (job.state == "succeeded" && job.kind == "backup") {
        return escape_controls(job.vm) + " is backed up in " + folder_of(backup_root, job.backup) + took(job) + ".";
    }
    if (job.state == "succeeded" && job.kind == "restore") {
        return in_quotes(job.backup) + " is restored as VM " + in_quotes(job.vm) + took(job) + ".";
    }
    if (job.state == "succeeded" && job.kind == "verify")
        return in_quotes(job.backup) + " is sound (" + escape_controls(job.level) + ")" + took(job) + ".";
    if (job.state == "succeeded") return task_words(job) + " is done" + took(job) + ".";
    if (job.state == "cancelled") return task_words(job) + " was cancelled" + because;
    if (job.state == "lost") return "what became of the " + task_words(job) + " is unknown" + because;
    return task_words(job) + " failed" + because;
}

int exit_code_of_job(rpc::JobInfo const& job) {
    if (job.state == "succeeded") return 0;
    if (job.error_code.empty()) return 1;
    auto const error = errc_from_name(job.error_code);
    // "Refused because the backup is broken" is for restores; an export that arrives broken has failed.
    // And a verification that finds one has found what it looked for.
    bool const looked = job.kind == "backup" || job.kind == "verify";
    if (looked && (error == Errc::incomplete_backup || error == Errc::damaged_backup)) return 1;
    int const code = exit_code_of(error);
    return code == 0 ? 1 : code;
}

}  // namespace sb::ctl
