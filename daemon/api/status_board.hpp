#pragma once
// What `status` shows. Totals that require reading every folder are cached and refreshed in the background, so that
// `status` is quick with any number of backups.

#include "common/rpc/methods.hpp"
#include "daemon/async/async_mutex.hpp"
#include "daemon/async/task.hpp"
#include "daemon/core/civil.hpp"
#include "daemon/engine/clock_watch.hpp"
#include "daemon/engine/condition_registry.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/engine/scheduler.hpp"
#include "daemon/engine/trash.hpp"
#include "daemon/engine/wake_up.hpp"
#include "daemon/platform/zone_info.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/ports/journal.hpp"
#include "daemon/ports/time.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace sb::api {

class StatusBoard {
public:
    StatusBoard(asio::any_io_executor executor, engine::Engine& engine, engine::Scheduler& scheduler,
                engine::ClockWatch const& clock, engine::ConditionRegistry const& conditions,
                engine::Trash const& trash, ports::Catalog& catalog, ports::Journal& journal, ports::Cluster& cluster,
                ports::Time& time, core::Zone const& zone, std::filesystem::path local_path,
                std::function<engine::ScheduleSettings()> settings,
                std::function<void(std::string const&)> journal_was_lost)
        : engine_(engine),
          scheduler_(scheduler),
          clock_(clock),
          conditions_(conditions),
          trash_(trash),
          catalog_(catalog),
          journal_(journal),
          cluster_(cluster),
          time_(time),
          zone_(zone),
          local_path_(std::move(local_path)),
          settings_(std::move(settings)),
          journal_was_lost_(std::move(journal_was_lost)),
          time_zone_(platform::zone_info(time.now())),
          started_(time.steady_now()),
          wanted_(executor, time, std::chrono::seconds(1)) {}

    /// With the totals after the last touch(), or, if reading the folders takes longer than two seconds, earlier ones.
    task<Result<rpc::Status::Reply>> status();

    /// Reads the folders soon after backups changed and at least every few minutes; checks whether the cluster answers.
    /// Ends when cancelled.
    task<void> keep_fresh();
    /// The tag that the schedule requires of a VM; empty = none.
    std::optional<std::string> schedule_tag() const { return settings_().settings.tag; }
    /// Whether no VM of the cluster has that tag, as of the schedule's latest plan; nothing = there is no plan yet.
    std::optional<bool> tag_matches_nothing() const;
    /// Something changed that the totals should show soon.
    void touch() { ++changes_; }
    /// Why LocalPath has not been read since the start, so that the totals are not known; nothing = it has been read.
    void set_unread_storage(std::optional<std::string> why) { unread_storage_ = std::move(why); }

private:
    task<void> wait_for_totals();
    task<std::optional<rpc::RunInfo>> last_run();
    task<void> totals_turn();
    task<void> cluster_turn();
    task<void> refresh_totals();
    void count(std::vector<core::Backup> const& backups, core::PresentCluster const& present);
    void note_names(std::vector<core::Backup> const& backups);
    void note_names(std::vector<core::Vm> const& vms);
    std::string why_totals_are_old() const;
    rpc::Status::Condition shown(core::Condition const& condition) const;
    task<void> check_history(std::vector<core::Backup> backups, core::PresentCluster present);
    task<void> check_journal();

    rpc::Status::Window window() const;

    engine::Engine& engine_;
    engine::Scheduler& scheduler_;
    engine::ClockWatch const& clock_;
    engine::ConditionRegistry const& conditions_;
    engine::Trash const& trash_;
    ports::Catalog& catalog_;
    ports::Journal& journal_;
    ports::Cluster& cluster_;
    ports::Time& time_;
    core::Zone const& zone_;
    std::filesystem::path local_path_;
    std::function<engine::ScheduleSettings()> settings_;
    std::function<void(std::string const&)> journal_was_lost_;
    std::optional<ports::JournalReplaced> journal_replaced_;
    platform::ZoneInfo time_zone_;  ///< as of the totals: it is found in files
    SteadyTime started_;
    std::uint64_t changes_ = 1;        ///< known ones
    std::uint64_t changes_shown_ = 0;  ///< those that the totals include
    std::optional<SteadyTime> totals_at_;
    engine::WakeUp wanted_;             ///< a caller waits for the totals
    bool history_is_complete_ = false;  ///< the manifests of LocalPath have been compared with the journal
    AsyncMutex reading_run_;            ///< its results are those of hundreds of jobs: one reading for all who ask
    std::uint64_t run_asked_ = 0;       ///< how often it was asked for
    std::uint64_t run_shown_ = 0;       ///< of these, how many last_run_ answers
    std::optional<rpc::RunInfo> last_run_;
    std::optional<std::string> unread_storage_;
    std::optional<UtcTime> reading_since_;                      ///< the folders are being read now
    std::unordered_map<VmUuid, std::string> names_in_backups_;  ///< of the VMs, as of their newest backups
    std::unordered_map<VmUuid, std::string> names_at_cluster_;
    rpc::Status::Backups backups_;
    std::optional<UtcTime> newest_backup_;  ///< that the journal knows: the last success of a journal without jobs
    rpc::Status::Storage storage_;          ///< total_bytes 0: LocalPath has not been read yet
};

}  // namespace sb::api
