#pragma once
// Gathers the facts for daemon/doctor: everything that backups depend on. What hangs is reported after a while, and
// does not keep the other checks from their answers.

#include "common/config/model.hpp"
#include "common/rpc/methods.hpp"
#include "daemon/app/bounded_checks.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/doctor/facts.hpp"
#include "daemon/doctor/finding.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/ports/programs.hpp"
#include "daemon/ports/time.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sb::app {

/// The checks of this machine alone, also for --check-config. Blocking, but quick.
doctor::Findings check_machine(config::Config const& config, std::vector<std::string> const& config_warnings);

class HealthCheck {
public:
    struct Parts {
        asio::any_io_executor executor;
        ports::Catalog& catalog;
        ports::Programs& programs;  ///< runs testparm
        ports::Time& time;
        std::function<task<Result<rpc::Status::Reply>>()> status;
        std::function<std::optional<std::string>()> schedule_tag;
        std::function<std::optional<bool>()> tag_matches_nothing;
    };

    explicit HealthCheck(Parts parts) : parts_(std::move(parts)), bounded_(parts_.executor) {}

    /// One at a time: a call during a check gets that check's findings.
    task<Result<doctor::Findings>> check(config::Config config, std::vector<std::string> config_warnings);
    /// The configuration has changed: later calls do not use the check in progress.
    void forget() { round_.reset(); }
    /// A mail server check in progress ends soon.
    void stop() {
        stop_ = true;
        bounded_.stop();
    }
    /// After stop(): returns once no check is running, see abandon().
    task<void> join() { co_await bounded_.join(); }
    /// A check that hangs in a stalled share is not waited for; its thread may still be there.
    void abandon() { threads_.abandon(); }
    bool has_abandoned() const { return threads_.has_abandoned(); }

private:
    struct Round {
        explicit Round(asio::any_io_executor const& executor)
            : ended(executor, asio::steady_timer::time_point::max()) {}
        asio::steady_timer ended;  ///< cancelled at the end
        Result<doctor::Findings> outcome = Error{Errc::cancelled, "the check was interrupted"};
        bool over = false;
    };
    class RoundEnd;

    task<doctor::Findings> check_everything(config::Config config, std::vector<std::string> config_warnings);
    task<doctor::LocalFacts> inspect_here(config::Config config, std::vector<std::string> config_warnings);
    task<void> check_backups(doctor::LocalFacts& facts, doctor::Findings& findings);
    task<void> check_names(config::Config const& config, doctor::Findings& findings);
    /// With links resolved; as it is if the file system does not answer.
    task<std::string> resolved(std::string path);
    task<void> check_share(config::Config const& config, std::optional<UtcTime> last_arrival,
                           doctor::Findings& findings);
    task<Result<std::string>> path_by_samba(std::string share);
    task<void> check_cluster(config::Config const& config, doctor::Findings& findings);
    task<void> check_mail(config::Config const& config, doctor::Findings& findings);

    Parts parts_;
    BoundedChecks bounded_;
    /// A stalled share, a silent mail server or a slow resolver must not block the file threads, nor each other: one
    /// thread for each name of a check in health_check.cpp.
    BlockingPool threads_{5};
    std::shared_ptr<Round> round_;  ///< in progress
    std::atomic<bool> stop_{false};
};

}  // namespace sb::app
