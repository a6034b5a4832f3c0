#include "ctl/render/pages.hpp"
#include "ctl/render/table.hpp"
#include "ctl/render/text.hpp"

#include <algorithm>

namespace sb::ctl {
namespace {

std::string took(rpc::RunInfo const& run, UtcTime now) {
    auto const length = run.finished.value_or(now) - run.started;
    return short_length_text(std::chrono::round<std::chrono::seconds>(std::max(length, Milliseconds{0})));
}

bool is_running(rpc::RunInfo const& run) { return run.state == "running"; }

std::string count_or_dash(std::size_t count) { return count > 0 ? std::to_string(count) : "-"; }

std::string behind_note(rpc::RunInfo const& run) {
    return run.behind.empty() ? std::string() : "behind: " + listed(run.behind);
}

std::string not_reached_note(rpc::RunInfo const& run) {
    return run.not_reached.empty() ? std::string() : "not reached before the window closed: " + listed(run.not_reached);
}

TableRow row_of(rpc::RunInfo const& run, RenderOptions const& options) {
    TableRow row;
    row.cells = {{std::to_string(run.id)},
                 {escape_controls(run.trigger)},
                 {run_phase_text(run), tone_of_run(run)},
                 {moment_text(run.started, options)},
                 {took(run, options.now)},
                 {std::to_string(run.succeeded)},
                 {std::to_string(run.failed), run.failed > 0 ? Tone::bad : Tone::plain},
                 {count_or_dash(run.deleted.size())}};
    for (auto const& problem : run.problems) row.notes.push_back(escape_controls(problem));
    row.notes.push_back(not_reached_note(run));
    row.notes.push_back(behind_note(run));
    return row;
}

}  // namespace

std::string run_phase_text(rpc::RunInfo const& run) {
    if (!is_running(run)) return escape_controls(run.state);
    if (run.phase == "pre_hook") return "running the PreSchedule hook";
    if (run.phase == "exporting") return "exporting";
    if (run.phase == "waiting") return "waiting for the run before it to end";
    if (run.phase == "delayed_hooks") return "running delayed PostBackup hooks";
    if (run.phase == "clean_up") return "cleaning up";
    if (run.phase == "post_hook") return "running the PostSchedule hook";
    return escape_controls(run.phase);
}

std::string run_outcome(rpc::RunInfo const& run) {
    std::string text;
    bool const exported = !run.jobs.empty() || run.succeeded > 0 || run.failed > 0;
    auto const missed = run.not_reached.size();
    if (exported)
        text = std::to_string(run.succeeded) + " backed up, " + std::to_string(run.failed) + " failed" +
               (is_running(run) ? " so far" : "");
    else if (is_running(run)) text = "nothing exported yet";
    else text = missed == 0 && run.problems.empty() ? "nothing was due" : "nothing exported";
    if (missed > 0) text += ", " + std::to_string(missed) + " not reached";
    auto const gone = run.deleted.size();
    if (gone > 0) text += ", " + std::to_string(gone) + (gone == 1 ? " old backup deleted" : " old backups deleted");
    return text;
}

Tone tone_of_run(rpc::RunInfo const& run) {
    if (run.failed > 0) return Tone::bad;
    if (is_running(run)) return Tone::busy;
    bool const good = run.problems.empty() && run.behind.empty() && run.not_reached.empty();
    return good ? Tone::good : Tone::warning;
}

std::string runs_page(std::vector<rpc::RunInfo> const& runs, RenderOptions const& options) {
    if (runs.empty()) return "";
    std::vector<TableRow> rows;
    for (auto const& run : runs) rows.push_back(row_of(run, options));
    std::vector<Column> const columns{
        {.title = "ID", .align = Align::right},     {.title = "TRIGGER", .droppable = true},
        {.title = "STATE", .flexible = true},       {.title = "STARTED"},
        {.title = "TOOK", .droppable = true},       {.title = "OK", .align = Align::right},
        {.title = "FAILED", .align = Align::right}, {.title = "DELETED", .align = Align::right, .droppable = true},
    };
    return table(columns, rows, options);
}

std::string run_summary(rpc::RunInfo const& run, RenderOptions const& options) {
    constexpr std::size_t indent = 2;
    auto const lasted = "Run " + std::to_string(run.id) + " ended after " + took(run, options.now);
    auto const first = lasted + ": " + run_outcome(run) + ".";
    auto out = toned(wrapped(first, 0, options.width), tone_of_run(run), options.color) + "\n";
    auto const add = [&](std::string const& line) { out += "  " + wrapped(line, indent, options.width) + "\n"; };
    for (auto const& problem : run.problems) add(escape_controls(problem));
    for (auto const& name : run.deleted) add("deleted: " + escape_controls(name));
    if (!run.not_reached.empty()) add(not_reached_note(run));
    if (!run.behind.empty()) add(behind_note(run));
    return out;
}

}  // namespace sb::ctl
