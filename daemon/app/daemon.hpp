#pragma once
// Everything that lives as long as the daemon, in order of construction; destroyed in reverse order.

#include "common/config/model.hpp"
#include "daemon/api/adopt_handlers.hpp"
#include "daemon/app/access.hpp"
#include "daemon/app/configured_hooks.hpp"
#include "daemon/app/current_cluster.hpp"
#include "daemon/api/delete_handlers.hpp"
#include "daemon/app/health_check.hpp"
#include "daemon/api/disk_handlers.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/health_checks.hpp"
#include "daemon/api/link_handlers.hpp"
#include "daemon/api/long_calls.hpp"
#include "daemon/app/mail_alerts.hpp"
#include "daemon/api/schedule_handlers.hpp"
#include "daemon/app/serve.hpp"
#include "daemon/app/service_report.hpp"
#include "daemon/app/signals.hpp"
#include "daemon/api/status_board.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/async/task_group.hpp"
#include "daemon/catalog/folder_reads.hpp"
#include "daemon/control/rights.hpp"
#include "daemon/control/server.hpp"
#include "daemon/engine/claim_check.hpp"
#include "daemon/engine/clock_watch.hpp"
#include "daemon/engine/cluster_identity_watch.hpp"
#include "daemon/engine/condition_registry.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/engine/evidence.hpp"
#include "daemon/engine/known_damage.hpp"
#include "daemon/engine/operations.hpp"
#include "daemon/engine/order_gate.hpp"
#include "daemon/engine/owner_watch.hpp"
#include "daemon/engine/proofs.hpp"
#include "daemon/engine/scheduler.hpp"
#include "daemon/engine/storage_watch.hpp"
#include "daemon/engine/trash.hpp"
#include "daemon/engine/trusted_copies.hpp"
#include "daemon/engine/trusted_verification.hpp"
#include "daemon/engine/unnamed_exports.hpp"
#include "daemon/engine/verifier.hpp"
#include "daemon/engine/wake_up.hpp"
#include "daemon/engine/watched_verification.hpp"
#include "daemon/notify/outbox_file.hpp"
#include "daemon/notify/smtp_mail.hpp"
#include "daemon/platform/real_time.hpp"
#include "daemon/platform/zone.hpp"
#include "daemon/ports/programs.hpp"
#include "daemon/ports/old_folders.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string_view>

namespace sb::app {

/// The parts whose construction can fail; they are made beforehand.
struct Foundations {
    BlockingPool& file_threads;
    BlockingPool& write_threads;
    BlockingPool& verify_thread;
    std::unique_ptr<ports::Journal> journal;
    Listeners listeners;
    control::AccessRules access;
};

class Daemon {
public:
    Daemon(asio::any_io_executor executor, config::Config config, ReadConfig read_config_again,
           Foundations foundations);

    /// Runs from reading the journal to the end of the stop. An error means that the daemon could not start.
    task<Result<void>> live();

    /// After live(): a call into a share that is gone has not returned, so its thread may still use what would be
    /// destroyed.
    bool has_abandoned_threads() const;

private:
    rpc::Reload::Reply reload();
    task<rpc::Reload::Reply> reload_and_report();
    task<Result<rpc::Reload::Reply>> answer_reload();
    void use_cluster();
    void job_changed(core::Job const& job);
    void verify_changed(core::Job const& job);
    void cluster_changed();
    void backups_changed();
    /// Of the present cluster, as far as known.
    bool is_ours(core::Manifest const& manifest) const;
    void connect_trust();
    /// Whether what a restore is about to import is whole, and as it was proven.
    task<Result<void>> check_before_import(std::string backup);
    task<Result<void>> load_journal();
    /// What is needed before anything is ordered or deleted; then resumes the jobs. Its outcome is `reading_`.
    task<void> read_storage();
    task<Result<void>> read_and_resume();
    /// Waits for that, but not for long: then only the tasks at the cluster are followed.
    task<Result<void>> wait_for_storage();
    void run_until_storage_is_read();
    task<void> report_unread_storage();
    /// Why a client's call is not answered before LocalPath has been read.
    Result<void> why_not_yet(std::string_view method) const;
    /// After LocalPath has been read.
    void run_in_background();
    task<void> load_trash();
    task<void> finish_old_removals();
    /// The clock may have jumped while the daemon did not run. What has expired in the trash goes then: the hourly turn
    /// declined until now, and a daemon may be restarted more often than that.
    task<void> check_clock();
    task<Result<std::vector<engine::UnnamedExports::Attempted>>> finish_commits(
        engine::UnnamedExports::Accepts accepts);
    task<void> report_old_folders();
    task<void> stop();
    /// A call into a share that is gone may never return. Its job is resumed at the next start.
    task<void> limit_stop();
    task<void> give_up_ownership();
    notify::Origin origin() const;

    asio::any_io_executor executor_;
    config::Config config_;
    ReadConfig read_config_again_;
    BlockingPool& file_threads_;
    BlockingPool& write_threads_;
    BlockingPool& verify_thread_;
    BlockingPool media_thread_{1};    ///< reads the files that clients pass
    BlockingPool inspect_thread_{1};  ///< reads folders that may be adopted
    platform::RealTime time_;
    platform::SystemZone zone_;
    std::unique_ptr<ports::Journal> journal_;
    std::shared_ptr<std::mutex> manifest_change_;
    UtcTime started_at_;
    std::shared_ptr<catalog::FolderReads> folder_reads_;
    engine::StorageWatch storage_watch_;
    std::optional<Result<void>> reading_;  ///< of LocalPath for the start, when it has ended
    engine::WakeUp reading_ended_;
    bool is_storage_late_ = false;  ///< clients are answered since before it had ended
    engine::TrustedCopies trusted_;
    std::shared_ptr<ports::Catalog> watched_;
    std::unique_ptr<engine::KnownDamage> catalog_;
    std::shared_ptr<ports::Verification> local_verification_;
    engine::WatchedVerification verification_;  ///< for the verifier
    engine::WatchedVerification copy_checks_;   ///< before an import, and before a copy counts
    engine::Proofs proofs_;
    std::unique_ptr<ports::OldFolders> old_folders_;
    CurrentCluster cluster_;
    CurrentDisks disks_;
    std::unique_ptr<ports::Programs> programs_;
    ConfiguredHooks hooks_;
    notify::OutboxFile outbox_;
    notify::SmtpMail mail_;
    MailAlerts alerts_;
    engine::ConditionRegistry conditions_;
    engine::ClusterIdentityWatch identity_;
    engine::OwnerWatch owner_;
    engine::OrderGate gate_;
    engine::ClockWatch clock_;
    bool clock_is_checked_ = false;  ///< since the start; before that nothing leaves the trash for its age
    engine::Trash trash_;
    engine::Engine engine_;
    engine::UnnamedExports unnamed_;
    engine::Evidence evidence_;
    engine::Scheduler scheduler_;
    engine::ClaimCheck claims_;
    engine::Verifier verifier_;
    engine::Operations operations_;
    engine::Adopter adopter_;
    api::StatusBoard board_;
    api::LongCalls long_calls_;
    api::HealthChecks checks_;
    control::Server server_;
    api::ListParts list_parts_;
    api::ScheduleParts schedule_parts_;
    api::DeleteParts delete_parts_;
    api::LinkParts link_parts_;
    ServiceReport report_;
    HealthCheck health_check_;
    std::vector<std::string> config_warnings_;  ///< of the active configuration
    api::DiskParts disk_parts_;
    api::AdoptParts adopt_parts_;
    std::unique_ptr<Signals> signals_;
    TaskGroup background_;
    TaskGroup stop_limit_;
};

}  // namespace sb::app
