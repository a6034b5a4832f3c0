#include "ctl/render/pages.hpp"
#include "ctl/render/table.hpp"
#include "ctl/render/text.hpp"

#include <algorithm>

namespace sb::ctl {
namespace {

std::string took(rpc::JobInfo const& job, UtcTime now) {
    if (!job.started) return "-";
    auto const length = job.finished.value_or(now) - *job.started;
    return short_length_text(std::chrono::round<std::chrono::seconds>(std::max(length, Milliseconds{0})));
}

TableRow row_of(rpc::JobInfo const& job, RenderOptions const& options) {
    auto const since = job.started.value_or(job.queued);
    auto const state = job.state == "running" ? phase_with_percent(job) : escape_controls(job.state);
    auto const vm = job.vm.empty() ? job.vm_uuid : job.vm;
    TableRow row;
    row.cells = {{std::to_string(job.id)},       {escape_controls(job.kind)},     {escape_controls(vm)},
                 {escape_controls(job.backup)},  {state, tone_of_job(job.state)}, {moment_text(since, options)},
                 {age_text(since, options.now)}, {took(job, options.now)}};
    row.notes = {escape_controls(job.error.value_or(""))};
    for (auto const& warning : job.warnings) row.notes.push_back("warning: " + escape_controls(warning));
    return row;
}

}  // namespace

std::string jobs_page(std::vector<rpc::JobInfo> const& jobs, RenderOptions const& options) {
    if (jobs.empty()) return "";
    std::vector<TableRow> rows;
    for (auto const& job : jobs) rows.push_back(row_of(job, options));
    std::vector<Column> const columns{
        {.title = "ID", .align = Align::right}, {.title = "KIND"},
        {.title = "VM", .flexible = true},      {.title = "BACKUP", .flexible = true},
        {.title = "STATE", .flexible = true},   {.title = "SINCE"},
        {.title = "AGE", .droppable = true},    {.title = "TOOK", .droppable = true},
    };
    return table(columns, rows, options);
}

}  // namespace sb::ctl
