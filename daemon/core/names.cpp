// The names of the core's enumerations for people, JSON and the journal.
#include "daemon/core/job.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/core/run.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sb::core {
namespace {

template <class E>
using Word = std::pair<E, std::string_view>;

constexpr std::array kinds{Word<JobKind>{JobKind::backup, "backup"}, Word<JobKind>{JobKind::restore, "restore"},
                           Word<JobKind>{JobKind::verify, "verify"}};

constexpr std::array phases{Word<Phase>{Phase::queued, "queued"},         Word<Phase>{Phase::preparing, "preparing"},
                            Word<Phase>{Phase::pre_hook, "pre_hook"},     Word<Phase>{Phase::post_hook, "post_hook"},
                            Word<Phase>{Phase::posting, "posting"},       Word<Phase>{Phase::resolving, "resolving"},
                            Word<Phase>{Phase::following, "following"},   Word<Phase>{Phase::inspecting, "inspecting"},
                            Word<Phase>{Phase::committing, "committing"}, Word<Phase>{Phase::discarding, "discarding"},
                            Word<Phase>{Phase::reading, "reading"},       Word<Phase>{Phase::finished, "finished"}};

constexpr std::array outcomes{Word<Outcome>{Outcome::none, "none"}, Word<Outcome>{Outcome::succeeded, "succeeded"},
                              Word<Outcome>{Outcome::failed, "failed"}, Word<Outcome>{Outcome::cancelled, "cancelled"},
                              Word<Outcome>{Outcome::lost, "lost"}};

constexpr std::array export_ends{
    Word<ExportEnd>{ExportEnd::unknown, "unknown"}, Word<ExportEnd>{ExportEnd::seen, "seen"},
    Word<ExportEnd>{ExportEnd::inferred, "inferred"}, Word<ExportEnd>{ExportEnd::failed, "failed"},
    Word<ExportEnd>{ExportEnd::unflushed, "unflushed"}};

constexpr std::array backup_states{
    Word<BackupState>{BackupState::exporting, "exporting"}, Word<BackupState>{BackupState::complete, "complete"},
    Word<BackupState>{BackupState::unverified, "unverified"}, Word<BackupState>{BackupState::incomplete, "incomplete"},
    Word<BackupState>{BackupState::damaged, "damaged"}};

constexpr std::array run_phases{
    Word<RunPhase>{RunPhase::pre_hook, "pre_hook"}, Word<RunPhase>{RunPhase::exporting, "exporting"},
    Word<RunPhase>{RunPhase::waiting, "waiting"},   Word<RunPhase>{RunPhase::delayed_hooks, "delayed_hooks"},
    Word<RunPhase>{RunPhase::clean_up, "clean_up"}, Word<RunPhase>{RunPhase::post_hook, "post_hook"},
    Word<RunPhase>{RunPhase::finished, "finished"}};

constexpr std::array run_triggers{Word<RunTrigger>{RunTrigger::window, "window"},
                                  Word<RunTrigger>{RunTrigger::command, "command"}};

template <class Table, class E>
std::string_view word_of(Table const& table, E value) {
    auto const it = std::ranges::find_if(table, [value](auto const& row) { return row.first == value; });
    return it == table.end() ? std::string_view("?") : it->second;
}

template <class E, class Table>
std::optional<E> value_of(Table const& table, std::string_view word) {
    auto const it = std::ranges::find_if(table, [word](auto const& row) { return row.second == word; });
    if (it == table.end()) return std::nullopt;
    return it->first;
}

}  // namespace

std::string_view name_of(JobKind kind) { return word_of(kinds, kind); }
std::string_view name_of(Phase phase) { return word_of(phases, phase); }
std::string_view name_of(Outcome outcome) { return word_of(outcomes, outcome); }
std::string_view name_of(ExportEnd end) { return word_of(export_ends, end); }
std::string_view name_of(BackupState state) { return word_of(backup_states, state); }

std::optional<JobKind> job_kind_from_name(std::string_view name) { return value_of<JobKind>(kinds, name); }
std::optional<Phase> phase_from_name(std::string_view name) { return value_of<Phase>(phases, name); }
std::optional<Outcome> outcome_from_name(std::string_view name) { return value_of<Outcome>(outcomes, name); }
std::optional<ExportEnd> export_end_from_name(std::string_view name) { return value_of<ExportEnd>(export_ends, name); }

std::string_view name_of(RunPhase phase) { return word_of(run_phases, phase); }
std::string_view name_of(RunTrigger trigger) { return word_of(run_triggers, trigger); }
std::optional<RunPhase> run_phase_from_name(std::string_view name) { return value_of<RunPhase>(run_phases, name); }
std::optional<RunTrigger> run_trigger_from_name(std::string_view name) {
    return value_of<RunTrigger>(run_triggers, name);
}

}  // namespace sb::core
