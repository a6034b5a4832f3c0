#include "common/error.hpp"

#include <algorithm>
#include <array>

namespace sb {
namespace {

struct Row {
    Errc code;
    std::string_view name;
    int rpc_code;
    int exit_code;
    bool transient;
};

// One row for each Errc. JSON-RPC reserves -32768 to -32000; ours count down from -1.
// Exit codes: docs/troubleshooting.md has the list.
constexpr std::array table{
    Row{Errc::cancelled, "cancelled", -1, 1, false},
    Row{Errc::timed_out, "timed_out", -2, 1, true},
    Row{Errc::outcome_unknown, "outcome_unknown", -3, 1, false},
    Row{Errc::maybe_rejected, "maybe_rejected", -26, 1, false},
    Row{Errc::unreachable, "unreachable", -4, 1, true},
    Row{Errc::pin_mismatch, "pin_mismatch", -5, 8, false},
    Row{Errc::credentials_refused, "credentials_refused", -6, 7, false},
    Row{Errc::forbidden, "forbidden", -7, 7, false},
    Row{Errc::rejected, "rejected", -8, 1, false},
    Row{Errc::unavailable, "unavailable", -9, 1, true},
    Row{Errc::malformed, "malformed", -10, 1, true},
    Row{Errc::task_failed, "task_failed", -11, 1, false},
    Row{Errc::not_found, "not_found", -12, 3, false},
    Row{Errc::ambiguous_name, "ambiguous_name", -13, 4, false},
    Row{Errc::name_in_use, "name_in_use", -14, 4, false},
    Row{Errc::invalid_name, "invalid_name", -15, 4, false},
    Row{Errc::incomplete_backup, "incomplete_backup", -16, 4, false},
    Row{Errc::damaged_backup, "damaged_backup", -17, 4, false},
    Row{Errc::refused, "refused", -18, 4, false},
    Row{Errc::no_space, "no_space", -19, 1, true},
    Row{Errc::io, "io", -20, 1, true},
    Row{Errc::share_not_visible, "share_not_visible", -21, 1, true},
    Row{Errc::invalid_config, "invalid_config", -22, 78, false},
    Row{Errc::invalid_params, "invalid_params", -32602, 2, false},
    Row{Errc::not_permitted, "not_permitted", -23, 6, false},
    Row{Errc::daemon_unreachable, "daemon_unreachable", -24, 5, true},
    Row{Errc::internal, "internal", -32603, 1, false},
};

Row const& row_of(Errc code) {
    auto const it = std::ranges::find(table, code, &Row::code);
    return it == table.end() ? table.back() : *it;
}

}  // namespace

std::string_view name_of(Errc code) { return row_of(code).name; }
int exit_code_of(Errc code) { return row_of(code).exit_code; }
int rpc_code_of(Errc code) { return row_of(code).rpc_code; }
bool is_transient(Errc code) { return row_of(code).transient; }

Errc errc_from_name(std::string_view name) {
    auto const it = std::ranges::find(table, name, &Row::name);
    return it == table.end() ? Errc::internal : it->code;
}

}  // namespace sb
