#include "daemon/app/daemon.hpp"

#include "common/config/changes.hpp"
#include "daemon/app/logging.hpp"
#include "daemon/app/machine_mark.hpp"
#include "daemon/api/to_rpc.hpp"
#include "daemon/api/verify_handlers.hpp"
#include "daemon/app/settings.hpp"
#include "daemon/async/failure.hpp"
#include "daemon/catalog/folder_name.hpp"
#include "daemon/catalog/local_catalog.hpp"
#include "daemon/catalog/local_verification.hpp"
#include "daemon/catalog/old_folders.hpp"
#include "daemon/catalog/random_digits.hpp"
#include "daemon/core/text.hpp"
#include "daemon/engine/trusting_catalog.hpp"
#include "daemon/engine/watched_catalog.hpp"
#include "daemon/hooks/run_program.hpp"
#include "daemon/hypercore/make_cluster.hpp"
#include "daemon/platform/process.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstddef>
#include <set>
#include <stdexcept>

namespace sb::app {
namespace {

std::shared_ptr<hypercore::ClusterClient> connect_cluster(asio::any_io_executor executor, config::Config const& config,
                                                          ports::Time& time) {
    auto cluster = hypercore::make_cluster(executor, config.scale, config.smb, config.timeouts, time);
    // The last call that uses an adapter after a reload closes its connections.
    auto const close = [](hypercore::ClusterClient* client) {
        client->close();
        delete client;
    };
    return std::shared_ptr<hypercore::ClusterClient>(cluster.release(), close);
}

std::size_t concurrency_of(config::Config const& config) {
    return static_cast<std::size_t>(config.schedule ? config.schedule->concurrency : 3);
}

control::ServerOptions server_options(control::AccessRules access, control::Ready ready) {
    control::ServerOptions options;
    options.ready = std::move(ready);
    options.permit = [access = std::move(access)](ipc::Peer const& peer, bool changes) {
        return control::permit(peer, changes, access);
    };
    return options;
}

engine::Limits engine_limits(config::Timeouts const& timeouts) {
    engine::Limits limits;
    limits.resolving = timeouts.resolve;
    limits.share_delay = timeouts.share_delay;
    limits.cluster_unreachable = timeouts.cluster_unreachable;
    return limits;
}

std::vector<engine::StorageWatch::Unanswered> unanswered_folders(catalog::FolderReads const& reads) {
    std::vector<engine::StorageWatch::Unanswered> folders;
    for (auto const& one : reads.unanswered()) folders.push_back({one.folder, one.since});
    return folders;
}

void log_crash(std::exception_ptr failure) {
    spdlog::error("a background task ended: {}", internal_error(exception_text(failure)).context);
}

/// Includes "2026-11-23_17-00-00 " before the VM's name and a suffix after it.
constexpr std::size_t max_scheduled_name_bytes = 230;

}  // namespace

Daemon::Daemon(asio::any_io_executor executor, config::Config config, ReadConfig read_config_again,
               Foundations foundations)
    : executor_(executor),
      config_(std::move(config)),
      read_config_again_(std::move(read_config_again)),
      file_threads_(foundations.file_threads),
      write_threads_(foundations.write_threads),
      verify_thread_(foundations.verify_thread),
      journal_(std::move(foundations.journal)),
      manifest_change_(std::make_shared<std::mutex>()),
      started_at_(time_.now()),
      folder_reads_(std::make_shared<catalog::FolderReads>()),
      storage_watch_(
          time_, [reads = folder_reads_] { return unanswered_folders(*reads); }, catalog::FolderReads::most_unanswered),
      reading_ended_(executor, time_, std::chrono::seconds(10)),
      trusted_(*journal_, time_),
      watched_(std::make_shared<engine::WatchedCatalog>(
          catalog::make_catalog(catalog::CatalogThreads{file_threads_, write_threads_}, config_.smb.local_path,
                                manifest_change_, folder_reads_),
          storage_watch_)),
      catalog_(std::make_unique<engine::KnownDamage>(std::make_shared<engine::TrustingCatalog>(
          watched_, trusted_, [this](core::Manifest const& manifest) { return is_ours(manifest); }))),
      local_verification_(catalog::make_verification(foundations.verify_thread, config_.smb.local_path,
                                                     manifest_change_,
                                                     [this] { return static_cast<unsigned>(config_.verify.cores); })),
      verification_(std::make_shared<engine::TrustedVerification>(local_verification_, *catalog_, trusted_),
                    storage_watch_, {"reading for a verification", "Until it does, no other backup is verified"}),
      copy_checks_(local_verification_, storage_watch_,
                   {"checking the files of a backup", "Until it does, this backup is not restored"}),
      proofs_(*catalog_, trusted_),
      old_folders_(catalog::make_old_folders(inspect_thread_, config_.smb.local_path)),
      cluster_(nullptr),
      disks_(nullptr),
      programs_(hooks::make_programs()),
      hooks_([this]() -> config::Config const& { return config_; }, *programs_),
      outbox_(config_.daemon.state_dir),
      mail_(config_.smtp, time_, executor, &outbox_),
      alerts_(mail_, zone_, [this] { return origin(); }),
      conditions_(executor, *journal_, time_),
      identity_({cluster_, *journal_, time_, conditions_, [this] { cluster_changed(); }}),
      owner_({identity_, *catalog_, *journal_, time_, conditions_, platform::host_name(),
              config_.daemon.state_dir.string(), [] { return catalog::random_digits(installation_digits); },
              machine_mark()}),
      gate_(cluster_, time_, conditions_, owner_),
      clock_({cluster_, *catalog_, *journal_, time_, conditions_, zone_, platform::boot_id(),
              [this](std::string const& doubt) { alerts_.clock_accepted(doubt); }}),
      trash_({*catalog_, *journal_, time_, [this] { return undelete_for(config_); },
              [this] { return !clock_is_checked_ || clock_.in_doubt(); },
              [this] { return gate_.objection_to_deleting(); }}),
      engine_(executor,
              {cluster_, *catalog_, *journal_, time_, hooks_, identity_, gate_, trash_,
               [this](std::string backup) { return check_before_import(std::move(backup)); }},
              conditions_, concurrency_of(config_), engine_limits(config_.timeouts),
              [this](core::Job const& job) { job_changed(job); }),
      unnamed_({[this](engine::UnnamedExports::Accepts accepts) { return finish_commits(std::move(accepts)); }, engine_,
                *catalog_, *journal_, time_, conditions_, identity_, [this] { backups_changed(); }}),
      evidence_(*catalog_, time_, conditions_),
      scheduler_({executor, engine_, *catalog_, *journal_, time_, hooks_, alerts_, clock_, conditions_, trash_,
                  evidence_, zone_, [this] { return schedule_settings(config_); },
                  [](std::string const& name) { return catalog::safe_folder_name(name, max_scheduled_name_bytes); },
                  std::chrono::seconds(10), [this] { backups_changed(); }}),
      claims_({executor, *catalog_, *journal_, time_, conditions_, trusted_, proofs_,
               [this](std::string backup) {
                   return copy_checks_.check_structure(std::move(backup), core::Level::structure);
               },
               [this] { return engine_.is_right_storage(); },
               [this] {
                   std::set<std::string> names;
                   for (auto const& deleted : trash_.entries()) names.insert(deleted.backup);
                   return names;
               },
               [this] {
                   backups_changed();
                   scheduler_.check_again();
               }}),
      verifier_({executor, *catalog_, verification_, *journal_, time_, alerts_, zone_,
                 [this] { return verify_settings(config_); }, engine_.recorder(), engine_.leases(), evidence_,
                 [this](core::Job const& job) { verify_changed(job); }, [this] { backups_changed(); },
                 std::chrono::seconds(10),
                 [this](std::string const& backup, std::optional<core::Damage> damage) {
                     catalog_->set(backup, std::move(damage));
                 }}),
      operations_(executor, time_),
      adopter_(engine_, *catalog_, *old_folders_, time_, zone_),
      board_(
          executor, engine_, scheduler_, clock_, conditions_, trash_, *catalog_, *journal_, cluster_, time_, zone_,
          config_.smb.local_path, [this] { return schedule_settings(config_); },
          [this](std::string const& why) { mail_.post(notify::journal_replaced(origin(), why)); }),
      long_calls_(executor),
      checks_(long_calls_, time_, [this] { return health_check_.check(config_, config_warnings_); }),
      server_(executor, std::move(foundations.listeners.control),
              server_options(std::move(foundations.access), [this](auto method) { return why_not_yet(method); }),
              std::move(foundations.listeners.readers)),
      list_parts_{engine_, scheduler_, verifier_, board_, long_calls_},
      schedule_parts_{engine_,
                      scheduler_,
                      clock_,
                      *catalog_,
                      mail_,
                      [this] { return origin(); },
                      [this] { return config_.smtp ? config_.smtp->to : std::vector<std::string>(); },
                      long_calls_,
                      [this] { return std::make_shared<platform::SystemZone const>(zone_); }},
      delete_parts_{engine_,
                    scheduler_,
                    trash_,
                    evidence_,
                    *catalog_,
                    [this] { return undelete_for(config_); },
                    [this] { backups_changed(); }},
      link_parts_{engine_, scheduler_, time_, [this] { backups_changed(); }, long_calls_},
      report_(platform::ServiceManager::from_environment(), time_, zone_, [this] { return board_.status(); }),
      health_check_({executor, *catalog_, *programs_, time_, [this] { return board_.status(); },
                     [this] { return board_.schedule_tag(); }, [this] { return board_.tag_matches_nothing(); }}),
      disk_parts_{engine_, operations_, {cluster_, disks_, time_}, media_thread_},
      adopt_parts_{adopter_, scheduler_, [this] { return config_.schedule.has_value(); }, long_calls_,
                   [this] { return std::make_shared<platform::SystemZone const>(zone_); }},
      signals_(listen_to_signals(executor)),
      background_(executor, log_crash),
      stop_limit_(executor, log_crash) {
    use_cluster();
    connect_trust();
    api::register_handlers(server_, list_parts_);
    api::register_verify_handlers(server_, engine_, verifier_);
    api::register_schedule_handlers(server_, schedule_parts_);
    api::register_delete_handlers(server_, delete_parts_);
    api::register_link_handlers(server_, link_parts_);
    api::register_check_handler(server_, checks_);
    server_.on<rpc::Reload>([this](rpc::Reload::Params, control::Caller) { return answer_reload(); });
    api::register_disk_handlers(server_, disk_parts_);
    api::register_adopt_handlers(server_, adopt_parts_);
    if (auto const missing = server_.methods_without_handler(); !missing.empty())
        throw std::logic_error("no handler for the method " + std::string(missing.front()));
}

void Daemon::use_cluster() {
    auto const client = connect_cluster(executor_, config_, time_);
    cluster_.replace(client);
    disks_.replace(client);
}

notify::Origin Daemon::origin() const { return {platform::host_name(), cluster_.host()}; }

bool Daemon::is_ours(core::Manifest const& manifest) const {
    return identity_.origin_of(core::cluster_of(manifest)) != core::ClusterOrigin::other;
}

void Daemon::connect_trust() {
    scheduler_.guard().also_wait_for([this] { return claims_.why_exports_wait(); });
    evidence_.on_content_verified([this](std::string const& backup) {
        proofs_.renew(backup);
        claims_.check_again();
    });
    evidence_.ask_for_changes([this](std::string backup) { return proofs_.check_unchanged(std::move(backup)); });
    adopter_.trust_by([this](std::string backup) { return claims_.adopt(std::move(backup)); });
}

task<Result<void>> Daemon::check_before_import(std::string backup) {
    auto name = backup;
    auto const whole = co_await copy_checks_.check_structure(std::move(name), core::Level::structure);
    if (!whole) co_return whole.error();
    co_return co_await proofs_.check_unchanged(std::move(backup));
}

void Daemon::job_changed(core::Job const& job) {
    trusted_.note(job);
    server_.publish({api::to_rpc(job)});
    scheduler_.job_changed(job);
    if (job.phase != core::Phase::finished) return;
    board_.touch();
    verifier_.check_again();
    claims_.check_again();
}

void Daemon::verify_changed(core::Job const& job) { server_.publish({api::to_rpc(job)}); }

void Daemon::cluster_changed() {
    backups_changed();
    scheduler_.check_again();
}

void Daemon::backups_changed() {
    board_.touch();
    scheduler_.folders_changed();
    verifier_.check_again();
}

rpc::Reload::Reply Daemon::reload() {
    // A log that was rotated away is opened again whether or not the configuration can be read.
    if (auto const opened = set_up_logging(config_.daemon); !opened)
        spdlog::error("the log was not opened again: {}", opened.error().context);
    auto fresh = read_config_again_();
    rpc::Reload::Reply reply;
    for (auto const& problem : fresh.problems) reply.problems.push_back(config::problem_text(problem));
    for (auto const& warning : fresh.warnings) reply.warnings.push_back(config::problem_text(warning));
    if (fresh.ok())
        if (auto const opened = set_up_logging(fresh.config.daemon); !opened)
            reply.problems.push_back("Daemon.LogFile: " + opened.error().context);
    for (auto const& problem : reply.problems) spdlog::error("{}", problem);
    for (auto const& warning : reply.warnings) spdlog::warn("{}", warning);
    if (!reply.problems.empty()) {
        auto const count = core::count_text(static_cast<std::int64_t>(reply.problems.size()), "problem");
        spdlog::error("the configuration was not reloaded: {}", count);
        return reply;
    }
    auto changes = config::changes_between(config_, fresh.config);
    for (auto const& key : changes.needs_restart) spdlog::warn("{} takes effect after a restart", key);
    config_ = config::apply_reload(config_, std::move(fresh.config));
    health_check_.forget();
    checks_.forget();
    use_cluster();
    identity_.configured();
    background_.spawn(
        identity_.check(Milliseconds::zero()));  // it is another cluster perhaps, and `status` shows which
    gate_.configured();
    engine_.forget_vms();
    engine_.use(engine_limits(config_.timeouts));
    zone_ = platform::SystemZone();  // /etc/localtime may have changed
    board_.touch();
    engine_.set_concurrency(concurrency_of(config_));
    mail_.use(config_.smtp);
    scheduler_.configured();
    verifier_.check_again();
    spdlog::info("the configuration was reloaded");
    config_warnings_ = reply.warnings;
    reply.reloaded = true;
    reply.changed = std::move(changes.changed);
    reply.needs_restart = std::move(changes.needs_restart);
    return reply;
}

task<Result<rpc::Reload::Reply>> Daemon::answer_reload() { co_return co_await reload_and_report(); }

task<rpc::Reload::Reply> Daemon::reload_and_report() {
    report_.reloading();
    auto reply = reload();
    co_await report_.reloaded();
    co_return reply;
}

task<void> Daemon::check_clock() {
    co_await clock_.check();
    clock_is_checked_ = true;
    auto const problems = co_await trash_.remove_expired();
    for (auto const& problem : problems) spdlog::warn("{}", problem);
}

task<void> Daemon::report_old_folders() {
    auto const folders = co_await engine_.list_backups();
    if (!folders) co_return;
    auto const count = [&](core::BackupState state) {
        return std::ranges::count(*folders, state, &core::Backup::state);
    };
    auto const unverified = count(core::BackupState::unverified), incomplete = count(core::BackupState::incomplete);
    if (unverified + incomplete > 0)
        spdlog::info(
            "{} folders without a manifest appear complete, {} do not; retention ignores both. Details: "
            "scale-backupctl adopt --dry-run",
            unverified, incomplete);
}

}  // namespace sb::app
