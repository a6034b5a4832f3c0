#include "common/text/size_text.hpp"
#include "ctl/render/pages.hpp"
#include "ctl/render/table.hpp"
#include "ctl/render/text.hpp"

#include <algorithm>

namespace sb::ctl {
namespace {

constexpr std::size_t label_width = 14;

struct StatusLine {
    std::string_view label;
    std::string text;
    Tone tone = Tone::plain;
    bool loud = false;  ///< the label has the tone, too
};

StatusLine cluster_line(rpc::Status::Cluster const& cluster) {
    auto const host = escape_controls(cluster.host);
    if (!cluster.reachable) return {"Cluster", host + ": not tried yet"};
    if (*cluster.reachable) return {"Cluster", host + ": reachable", Tone::good};
    auto const why = cluster.error.empty() ? std::string() : ": " + escape_controls(cluster.error);
    return {"Cluster", host + ": not reachable" + why, Tone::bad};
}

StatusLine node_line(rpc::Status::Node const& node) {
    auto const host = escape_controls(node.host);
    auto const why = node.error.empty() ? std::string() : ": " + escape_controls(node.error);
    if (node.wrong_certificate) return {"  node", host + ": not used, wrong certificate" + why, Tone::bad};
    if (!node.reachable) return {"  node", host + ": not tried yet"};
    if (!*node.reachable) return {"  node", host + ": does not answer" + why, Tone::warning};
    return {"  node", host + (node.in_use ? ": answers, in use" : ": answers"), Tone::good};
}

StatusLine window_line(rpc::Status::Window const& window, RenderOptions const& options) {
    if (!window.configured) return {"Window", "none configured"};
    if (window.open) {
        auto const until = window.closes ? " until " + moment_text(*window.closes, options) : std::string();
        return {"Window", "open" + until, Tone::good};
    }
    if (!window.opens) return {"Window", "closed"};
    return {"Window", "closed, opens " + moment_with_age(window.opens, options)};
}

/// The daemon has not read LocalPath since its start, so it does not know what is in it.
bool is_unread(rpc::Status::Reply const& status) { return status.storage.total_bytes == 0; }

constexpr char const* not_known_yet = "not known yet: LocalPath has not been read";

StatusLine behind_line(rpc::Status::Reply const& status) {
    if (!status.behind.empty()) return {"Behind", listed(status.behind), Tone::warning};
    if (status.window.configured && is_unread(status)) return {"Behind", not_known_yet, Tone::warning};
    return {"Behind", "no VM"};
}

StatusLine backups_line(rpc::Status::Reply const& status) {
    bool const is_known = status.backups.count > 0 || status.backups.size_bytes > 0 || !is_unread(status);
    if (!is_known) return {"Backups", not_known_yet, Tone::warning};
    return {"Backups", std::to_string(status.backups.count) + ", " + size_text(status.backups.size_bytes)};
}

StatusLine last_run_line(std::optional<rpc::RunInfo> const& run, RenderOptions const& options) {
    if (!run) return {"Last run", "none yet"};
    auto const number = "run " + std::to_string(run->id) + ", ";
    auto const running = run->state == "running";
    auto const when =
        running ? "since " + moment_with_age(run->started, options) : moment_with_age(run->finished, options);
    auto text = number + run_phase_text(*run) + " " + when + ": " + run_outcome(*run);
    if (!run->not_reached.empty()) text += ". Not reached before the window closed: " + listed(run->not_reached);
    return {"Last run", std::move(text), tone_of_run(*run)};
}

StatusLine storage_line(rpc::Status::Storage const& storage) {
    auto const path = escape_controls(storage.path);
    if (storage.total_bytes == 0) return {"Storage", path + ": free space unknown", Tone::warning};
    // long double: free_bytes * 100 overflows beyond 184 PB.
    auto const total = static_cast<long double>(storage.total_bytes);
    auto const percent_of_total = [total](std::uint64_t bytes) {
        return static_cast<int>(100.0L * static_cast<long double>(bytes) / total);
    };
    // What is in the trash makes room when it is needed.
    auto const usable = percent_of_total(storage.free_bytes + storage.reclaimable_bytes);
    auto const tone = usable < 5 ? Tone::bad : usable < 15 ? Tone::warning : Tone::plain;
    auto text = path + ": " + size_text(storage.free_bytes) + " free of " + size_text(storage.total_bytes) + " (" +
                std::to_string(percent_of_total(storage.free_bytes)) + " %)";
    if (storage.reclaimable_bytes > 0)
        text += ", and " + size_text(storage.reclaimable_bytes) + " in the trash, freed when an export needs it";
    return {"Storage", text, tone};
}

/// What is wrong, since when, why; then what to do. Coloured with its label, as a pause is.
void add_condition(std::vector<StatusLine>& lines, rpc::Status::Condition const& condition,
                   RenderOptions const& options) {
    bool const is_error = condition.severity == "error";
    auto const tone = is_error ? Tone::bad : Tone::warning;
    // A VM's uuid says nothing to people; the daemon puts the name before what is wrong.
    bool const is_named = condition.subject.empty() || condition.summary.starts_with("VM '");
    auto const subject = is_named ? std::string() : escape_controls(condition.subject) + ": ";
    auto const what = subject + escape_controls(condition.summary) + ", since " +
                      moment_with_age(condition.since, options) + ": " + escape_controls(condition.reason);
    lines.push_back({.label = is_error ? "ERROR" : "WARNING", .text = what, .tone = tone, .loud = true});
    if (!condition.remedy.empty()) lines.push_back({"  to do", escape_controls(condition.remedy)});
}

/// One in the future says nothing about when the last backup was made.
StatusLine success_line(rpc::Status::Reply const& status, RenderOptions const& options) {
    constexpr std::chrono::minutes clocks_differ_by{5};
    auto const& success = status.last_success;
    if (!success && is_unread(status)) return {"Last success", not_known_yet, Tone::warning};
    if (!success) return {"Last success", "none yet"};
    if (*success <= options.now + clocks_differ_by) return {"Last success", moment_with_age(success, options)};
    return {"Last success", moment_text(*success, options) + ", in the future: a clock was or is wrong", Tone::warning};
}

std::vector<StatusLine> lines_of(rpc::Status::Reply const& status, RenderOptions const& options) {
    auto const up = short_length_text(std::chrono::seconds{std::max<std::int64_t>(0, status.uptime_seconds)});
    std::vector<StatusLine> lines;
    // First, and coloured with its label: a forgotten pause costs backups.
    if (status.paused) {
        auto const how_to_resume = "no scheduled backups. Resume: scale-backupctl resume";
        lines.push_back({.label = "PAUSED", .text = how_to_resume, .tone = Tone::bad, .loud = true});
    }
    for (auto const& condition : status.conditions) add_condition(lines, condition, options);
    auto const daemon = "scale-backupd " + escape_controls(status.version);
    lines.push_back({"Daemon", daemon + ", pid " + std::to_string(status.pid) + ", up " + up});
    lines.push_back(cluster_line(status.cluster));
    if (status.cluster.nodes.size() > 1)
        for (auto const& node : status.cluster.nodes) lines.push_back(node_line(node));
    lines.push_back(window_line(status.window, options));
    if (!status.time_zone.empty()) lines.push_back({"Time zone", escape_controls(status.time_zone)});
    if (!status.clock.empty()) lines.push_back({"Clock", escape_controls(status.clock)});
    lines.push_back(
        {"Jobs", std::to_string(status.jobs.running) + " running, " + std::to_string(status.jobs.queued) + " queued"});
    lines.push_back(success_line(status, options));
    lines.push_back(last_run_line(status.last_run, options));
    if (status.delayed_hook) {
        auto const& hook = *status.delayed_hook;
        auto text = "delayed PostBackup of " + in_quotes(hook.backup) + " since " + moment_text(hook.since, options);
        if (hook.owed > 1) text += "; " + std::to_string(hook.owed - 1) + " more wait";
        lines.push_back({"Hook", std::move(text), Tone::busy});
    }
    lines.push_back(behind_line(status));
    for (auto const& problem : status.problems) lines.push_back({"Problem", escape_controls(problem), Tone::bad});
    lines.push_back(backups_line(status));
    if (status.backups.other_clusters_count > 0)
        lines.push_back({"  other", std::to_string(status.backups.other_clusters_count) + " of other clusters, " +
                                        size_text(status.backups.other_clusters_bytes) +
                                        "; kept until deleted by hand"});
    if (status.backups.unknown_count > 0)
        lines.push_back({"  unknown", std::to_string(status.backups.unknown_count) +
                                          " that the journal does not know, " +
                                          size_text(status.backups.unknown_bytes) + "; they count for nothing"});
    if (status.backups.deleted_count > 0)
        lines.push_back({"  deleted", std::to_string(status.backups.deleted_count) +
                                          " can be taken back: scale-backupctl show-backups --deleted"});
    lines.push_back(storage_line(status.storage));
    return lines;
}

}  // namespace

std::string status_page(rpc::Status::Reply const& status, RenderOptions const& options) {
    std::string out;
    for (auto const& line : lines_of(status, options)) {
        auto const text = wrapped(line.text, label_width, options.width);
        auto const label = pad_to_width(line.label, label_width, Align::left);
        if (line.loud) out += toned(label + text, line.tone, options.color) + "\n";
        else out += label + toned(text, line.tone, options.color) + "\n";
    }
    return out;
}

}  // namespace sb::ctl
