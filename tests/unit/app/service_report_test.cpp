#include "daemon/app/service_report.hpp"

#include "tests/support/rule_zone.hpp"

#include <gtest/gtest.h>

namespace sb::test {
namespace {

rpc::Status::Reply status_with(int running, int queued) {
    rpc::Status::Reply status;
    status.jobs = {queued, running};
    status.window.configured = true;
    status.window.opens = *parse_rfc3339("2026-11-23T17:00:00Z");
    status.window.closes = *parse_rfc3339("2026-11-24T06:00:00Z");
    return status;
}

struct ServiceStatus : testing::Test {
    std::string text(rpc::Status::Reply const& status) const { return app::service_status(status, zone); }
    RuleZone zone = utc();
};

TEST_F(ServiceStatus, SaysWhatRunsAndWhenTheWindowChanges) {
    EXPECT_EQ(text(status_with(0, 0)), "idle; next window 17:00");
    auto busy = status_with(2, 5);
    busy.window.open = true;
    EXPECT_EQ(text(busy), "2 running, 5 waiting; window open until 06:00");
    busy.window.opens = busy.window.closes = std::nullopt;
    EXPECT_EQ(text(busy), "2 running, 5 waiting; window always open");
}

TEST_F(ServiceStatus, SaysWhatPreventsBackups) {
    EXPECT_EQ(text(rpc::Status::Reply()), "idle; no schedule");
    auto status = status_with(1, 0);
    status.paused = true;
    status.behind = {"FILE01", "DB02"};
    status.cluster.reachable = false;
    EXPECT_EQ(text(status), "1 running; schedule paused; 2 VMs behind; the cluster does not answer");
}

}  // namespace
}  // namespace sb::test
