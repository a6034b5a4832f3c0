#pragma once
// One figure of a measurement: printed, and recorded for the report if tests/reports/bench.py asks for it.

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

namespace sb::test {

/// `limit` is the target, as text; empty if there is none.
inline void print_figure(std::string const& what, double value, std::string const& limit) {
    std::printf("  %-62s %8.2f   (%s)\n", what.c_str(), value, limit.c_str());
    auto const* rows = std::getenv("SB_REPORT_ROWS");
    if (rows == nullptr) return;
    char text[32];
    std::snprintf(text, sizeof text, "%.2f", value);
    std::ofstream(rows, std::ios::app) << what << '\t' << text << '\t' << limit << '\n';
}

}  // namespace sb::test
