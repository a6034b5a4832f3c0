#include "ctl/render/text.hpp"

#include "common/error.hpp"
#include "ctl/render/display_width.hpp"

#include <array>

namespace sb::ctl {
namespace {

/// Local time as RFC 3339, from which callers cut the parts that they want.
std::string local_text(UtcTime time, RenderOptions const& options) {
    return format_rfc3339(time, options.offset ? options.offset(time) : std::chrono::minutes{0});
}

/// Only the largest unit that fits: precise enough for an age.
std::string rough_length(std::chrono::seconds length) {
    auto const s = length.count();
    auto in_unit = [](long long count, std::string_view unit) {
        return std::to_string(count) + " " + std::string(unit);
    };
    if (s < 60) return in_unit(s, "s");
    if (s < 60 * 60) return in_unit(s / 60, "min");
    if (s < 48 * 60 * 60) return in_unit(s / 3600, "h");
    return in_unit(s / 86400, "days");
}

std::string folder_of(std::string const& backup_root, std::string const& backup) {
    if (backup_root.empty()) return "folder " + in_quotes(backup);
    std::string path = backup_root;
    if (path.back() != '/') path += '/';
    return in_quotes(path + backup);
}

std::string in_time(rpc::JobInfo const& job) {
    if (!job.finished) return "";
    // From its start, not from when it was queued: the wait says nothing about the VM.
    auto const length = *job.finished - job.started.value_or(job.queued);
    return " in " + short_length_text(std::chrono::round<std::chrono::seconds>(std::max(length, Milliseconds{0})));
}

}  // namespace

std::string toned(std::string_view text, Tone tone, bool color) {
    constexpr std::array<std::string_view, 6> codes{"", "32", "36", "33", "31", "2"};
    auto const code = codes[static_cast<std::size_t>(tone)];
    if (!color || code.empty()) return std::string(text);
    return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

std::string moment_text(UtcTime time, RenderOptions const& options) {
    auto text = local_text(time, options).substr(0, 16);
    if (text.size() > 10) text[10] = ' ';
    return text;
}

std::string clock_text(UtcTime time, RenderOptions const& options) { return local_text(time, options).substr(11, 8); }

std::string age_text(UtcTime time, UtcTime now) {
    auto const age = std::chrono::floor<std::chrono::seconds>(now - time);
    if (age < std::chrono::seconds{0}) return age > std::chrono::seconds{-2} ? "just now" : "in " + rough_length(-age);
    if (age < std::chrono::seconds{2}) return "just now";
    return rough_length(age) + " ago";
}

std::string moment_with_age(std::optional<UtcTime> time, RenderOptions const& options) {
    if (!time) return "-";
    return moment_text(*time, options) + " (" + age_text(*time, options.now) + ")";
}

std::string short_length_text(std::chrono::seconds length) {
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

std::string counted(std::size_t count, std::string_view noun) {
    return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string listed(std::vector<std::string> const& names) {
    std::string text;
    for (auto const& name : names) text += (text.empty() ? "" : ", ") + escape_controls(name);
    return text;
}

std::string job_text(rpc::JobInfo const& job) {
    if (job.kind == "restore") return "restore of " + in_quotes(job.backup) + " as " + escape_controls(job.vm);
    if (job.kind == "verify") return "verification of " + in_quotes(job.backup);
    auto const kind = job.kind.empty() ? std::string("job") : escape_controls(job.kind);
    return kind + " of " + escape_controls(job.vm.empty() ? job.vm_uuid : job.vm);
}

std::string phase_text(rpc::JobInfo const& job) {
    if (has_ended(job)) return job.state;
    std::string const transfer = job.kind == "restore" ? "import" : "export";
    if (job.state == "queued" || job.phase == "queued") return "waiting for its turn";
    if (job.phase == "preparing") return "preparing";
    if (job.phase == "pre_hook") return job.kind == "restore" ? "running PreRestore" : "running PreBackup";
    if (job.phase == "post_hook") return job.kind == "restore" ? "running PostRestore" : "running PostBackup";
    if (job.phase == "posting") return "starting the " + transfer;
    if (job.phase == "resolving") return "no answer; checking whether the " + transfer + " started";
    if (is_stalled(job)) return "stalled";
    if (job.phase == "following") return job.kind == "restore" ? "importing" : "exporting";
    if (job.phase == "reading") return "reading";
    if (job.phase == "inspecting" && job.kind == "verify") return "checking the structure";
    if (job.phase == "inspecting") return job.kind == "restore" ? "checking the new VM" : "verifying the export";
    if (waits_for_name(job)) return "waiting for its name";
    if (job.phase == "committing") return "writing the manifest";
    if (job.phase == "discarding") return "deleting the partial export";
    return escape_controls(job.phase.empty() ? job.state : job.phase);
}

std::string phase_with_percent(rpc::JobInfo const& job) {
    auto text = phase_text(job);
    if (has_percent(job)) text += " " + std::to_string(job.percent.value_or(0)) + " %";
    if (job.cancel_requested && !has_ended(job)) text += ", cancelling";
    return text;
}

bool has_percent(rpc::JobInfo const& job) {
    return (job.phase == "following" || job.phase == "reading") && !has_ended(job);
}

bool waits_for_name(rpc::JobInfo const& job) { return job.phase == "committing" && job.error && !has_ended(job); }

bool is_stalled(rpc::JobInfo const& job) { return job.phase == "following" && job.error && !has_ended(job); }

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
        return escape_controls(job.vm) + " was backed up to " + folder_of(backup_root, job.backup) + in_time(job) + ".";
    }
    if (job.state == "succeeded" && job.kind == "restore") {
        return in_quotes(job.backup) + " was restored as VM " + in_quotes(job.vm) + in_time(job) + ".";
    }
    if (job.state == "succeeded" && job.kind == "verify")
        return in_quotes(job.backup) + " is intact (" + escape_controls(job.level) + ")" + in_time(job) + ".";
    if (job.state == "succeeded") return job_text(job) + " succeeded" + in_time(job) + ".";
    if (job.state == "cancelled") return job_text(job) + " was cancelled" + because;
    if (job.state == "lost") return "the outcome of the " + job_text(job) + " is unknown" + because;
    return job_text(job) + " failed" + because;
}

int exit_code_of_job(rpc::JobInfo const& job) {
    if (job.state == "succeeded") return 0;
    if (job.error_code.empty()) return 1;
    auto const error = errc_from_name(job.error_code);
    // "Refused because the backup is broken" is for restores; an export that arrives broken has failed, and so has
    // the verification of a broken backup.
    bool const inspected = job.kind == "backup" || job.kind == "verify";
    if (inspected && (error == Errc::incomplete_backup || error == Errc::damaged_backup)) return 1;
    int const code = exit_code_of(error);
    return code == 0 ? 1 : code;
}

std::string_view without_action(std::string_view reason) {
    for (std::string_view const word : {"kept: ", "deleted: "}) {
        if (reason.starts_with(word)) return reason.substr(word.size());
    }
    return reason;
}

}  // namespace sb::ctl
