#include "ctl/render/display_width.hpp"
#include "ctl/render/pages.hpp"
#include "ctl/render/table.hpp"
#include "ctl/render/text.hpp"

#include <algorithm>

namespace sb::ctl {
namespace {

Tone tone_of_finding(std::string const& status) {
    if (status == "ok") return Tone::good;
    if (status == "error") return Tone::bad;
    return status == "warning" ? Tone::warning : Tone::faint;
}

std::size_t count_of(std::vector<rpc::FindingInfo> const& findings, std::string_view status) {
    return static_cast<std::size_t>(std::ranges::count(findings, status, &rpc::FindingInfo::status));
}

}  // namespace

std::string findings_page(std::vector<rpc::FindingInfo> const& findings, RenderOptions const& options) {
    std::vector<TableRow> rows;
    for (auto const& finding : findings) {
        TableRow row;
        row.cells = {{escape_controls(finding.status), tone_of_finding(finding.status)},
                     {escape_controls(finding.subject)},
                     {escape_controls(finding.message)}};
        if (!finding.remedy.empty()) row.notes = {"-> " + escape_controls(finding.remedy)};
        rows.push_back(std::move(row));
    }
    std::vector<Column> const columns{{.title = "STATUS"}, {.title = "SUBJECT"}, {.title = "FOUND", .wraps = true}};
    return table(columns, rows, options) + findings_summary(findings) + "\n";
}

std::string findings_summary(std::vector<rpc::FindingInfo> const& findings) {
    auto const errors = count_of(findings, "error");
    auto const warnings = count_of(findings, "warning");
    auto const unknown = count_of(findings, "unknown");
    auto text = (errors == 0 ? std::string("no errors") : counted(errors, "error")) + ", " +
                (warnings == 0 ? std::string("no warnings") : counted(warnings, "warning"));
    if (unknown > 0) text += ", " + std::to_string(unknown) + " unknown";
    return text;
}

}  // namespace sb::ctl
