#include "ctl/render/findings.hpp"

#include "ctl/render/display_width.hpp"
#include "ctl/render/table.hpp"

#include <algorithm>

namespace sb::ctl {
namespace {

Tone tone_of(std::string const& status) {
    if (status == "ok") return Tone::good;
    if (status == "error") return Tone::bad;
    return status == "warning" ? Tone::warning : Tone::faint;
}

/// "no errors, 3 warnings, 1 unknown"
std::string summary_of(std::vector<rpc::FindingInfo> const& findings) {
    auto const count = [&](char const* status) {
        return std::ranges::count(findings, std::string_view(status), &rpc::FindingInfo::status);
    };
    auto const counted = [](auto number, std::string const& noun) {
        return (number == 0 ? "no" : std::to_string(number)) + " " + noun + (number == 1 ? "" : "s");
    };
    auto text = counted(count("error"), "error") + ", " + counted(count("warning"), "warning");
    if (auto const unknown = count("unknown"); unknown > 0) text += ", " + std::to_string(unknown) + " unknown";
    return text;
}

}  // namespace

std::string findings_page(std::vector<rpc::FindingInfo> const& findings, Look const& look) {
    std::vector<TableRow> rows;
    for (auto const& finding : findings) {
        TableRow row;
        row.cells = {{escape_controls(finding.status), tone_of(finding.status)},
                     {escape_controls(finding.subject)},
                     {escape_controls(finding.message)}};
        if (!finding.remedy.empty()) row.notes = {"-> " + escape_controls(finding.remedy)};
        rows.push_back(std::move(row));
    }
    std::vector<Column> const columns{{.title = "STATUS"}, {.title = "SUBJECT"}, {.title = "FOUND", .wraps = true}};
    return table(columns, rows, look) + summary_of(findings) + "\n";
}

}  // namespace sb::ctl
