#pragma once
// Gathers what daemon/doctor judges: everything that backups depend on, from every side.

#include "common/config/model.hpp"
#include "common/rpc/methods.hpp"
#include "daemon/async/pool.hpp"
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

/// What lies on this machine, by itself: for --check-config too. Blocking, and quick.
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
    };

    explicit HealthCheck(Parts parts) : parts_(std::move(parts)) {}

    /// One at a time: who asks while one is under way gets what that one finds.
    task<Result<doctor::Findings>> examine(config::Config config, std::vector<std::string> config_warnings);
    /// The configuration is another one: what is under way counts for nobody else.
    void forget() { round_.reset(); }
    /// A look at a mail server that is under way gives up soon.
    void stop() { stop_ = true; }

private:
    struct Round {
        explicit Round(asio::any_io_executor const& executor)
            : ended(executor, asio::steady_timer::time_point::max()) {}
        asio::steady_timer ended;  ///< cancelled then
        Result<doctor::Findings> outcome = Error{Errc::cancelled, "the examination was broken off"};
        bool over = false;
    };
    class RoundEnd;

    task<doctor::Findings> look_at_everything(config::Config config, std::vector<std::string> config_warnings);
    task<void> check_share(config::Config const& config, std::optional<UtcTime> last_arrival,
                           doctor::Findings& findings);
    task<Result<std::string>> path_by_samba(std::string share);
    task<void> check_cluster(config::Config const& config, doctor::Findings& findings);
    task<void> check_mail(config::Config const& config, doctor::Findings& findings);

    Parts parts_;
    /// A stalled share, a silent mail server, a resolver that waits: none of them may hold the threads of the files.
    BlockingPool thread_{1};
    std::shared_ptr<Round> round_;  ///< under way
    std::atomic<bool> stop_{false};
};

}  // namespace sb::app
