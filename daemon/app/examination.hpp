#pragma once
// Gathers what daemon/doctor judges: everything that backups depend on, from every side.

#include "common/config/model.hpp"
#include "common/rpc/methods.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/doctor/finding.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/ports/hooks.hpp"
#include "daemon/ports/time.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <atomic>
#include <functional>
#include <string>
#include <vector>

namespace sb::app {

/// What lies on this machine, by itself: for --check-config too. Blocking, and quick.
doctor::Findings examine_machine(config::Config const& config, std::vector<std::string> const& config_warnings);

class Examination {
public:
    struct Parts {
        asio::any_io_executor executor;
        BlockingPool& pool;
        ports::Catalog& catalog;
        ports::Hooks& programs;  ///< runs testparm
        ports::Time& time;
        std::function<task<Result<rpc::Status::Reply>>()> status;
        std::function<std::optional<std::string>()> schedule_tag;
    };

    explicit Examination(Parts parts) : parts_(std::move(parts)) {}

    task<doctor::Findings> examine(config::Config config, std::vector<std::string> config_warnings);
    /// A look at a mail server that is under way gives up soon.
    void stop() { stop_ = true; }

private:
    task<void> examine_share(config::Config const& config, std::optional<UtcTime> last_arrival, doctor::Findings& findings);
    task<Result<std::string>> path_by_samba(std::string share);
    task<void> examine_cluster(config::Config const& config, doctor::Findings& findings);
    task<void> examine_mail(config::Config const& config, doctor::Findings& findings);

    Parts parts_;
    std::atomic<bool> stop_{false};
};

rpc::Examine::Reply present(doctor::Findings const& findings);

}  // namespace sb::app
