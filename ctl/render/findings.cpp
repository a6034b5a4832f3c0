#include "ctl/render/findings.hpp"

#include "ctl/render/display_width.hpp"
#include "ctl/render/table.hpp"

#include <algorithm>

namespace sb::ctl {
namespace {

Tone tone_of(std::string const& verdict) {
    if (verdict == "good") return Tone::good;
    if (verdict == "bad") return Tone::bad;
    return verdict == "warning" ? Tone::warning : Tone::faint;
}

std::string counted(std::vector<rpc::FindingInfo> const& findings, std::string const& verdict) {
    return std::to_string(std::ranges::count(findings, verdict, &rpc::FindingInfo::verdict)) + " " + verdict;
}

}  // namespace

std::string findings_page(std::vector<rpc::FindingInfo> const& findings, Look const& look) {
    std::vector<TableRow> rows;
    for (auto const& finding : findings) {
        TableRow row;
        row.cells = {{escape_controls(finding.verdict), tone_of(finding.verdict)},
                     {escape_controls(finding.subject)},
                     {escape_controls(finding.words)}};
        if (!finding.remedy.empty()) row.notes = {"-> " + escape_controls(finding.remedy)};
        rows.push_back(std::move(row));
    }
    std::vector<Column> const columns{{.title = "VERDICT"}, {.title = "WHAT"}, {.title = "FOUND", .wraps = true}};
    return table(columns, rows, look) + counted(findings, "bad") + ", " + counted(findings, "warning") + ", " +
           counted(findings, "unknown") + ", " + counted(findings, "good") + "\n";
}

}  // namespace sb::ctl
