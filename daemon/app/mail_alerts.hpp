#pragma once
// Sends the engine's alerts as mails.

#include "daemon/core/civil.hpp"
#include "daemon/notify/alerts.hpp"
#include "daemon/ports/alerts.hpp"
#include "daemon/ports/mail.hpp"

#include <functional>
#include <string>

namespace sb::app {

class MailAlerts final : public ports::Alerts {
public:
    MailAlerts(ports::Mail& mail, core::Zone const& zone, std::function<notify::Origin()> origin)
        : mail_(mail), zone_(zone), origin_(std::move(origin)) {}

    void run_ended(core::Run const& run, std::vector<core::Job> const& failed) override;
    void behind_schedule(std::vector<core::Behind> const& behind) override;
    void tag_matches_nothing(std::string const& tag, std::vector<std::string> const& known) override;
    void tag_matches(std::string const& tag) override;
    void verification_failed(core::Job const& job, std::string const& newest_good) override;
    void verification_passed(std::string const& backup) override;
    void schedule_blocked(ports::Blocked kind, std::string const& text) override;
    void schedule_unblocked() override;
    void clock_accepted(std::string const& doubt) override;

private:
    ports::Mail& mail_;
    core::Zone const& zone_;
    std::function<notify::Origin()> origin_;
    std::string late_cause_;  ///< of the alert that named the late VMs; empty = none was late
};

}  // namespace sb::app
