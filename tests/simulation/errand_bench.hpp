#pragma once
// Errands on a manual clock, with a cluster and its disks in memory.

#include "daemon/engine/upload_medium.hpp"
#include "tests/simulation/fake_disks.hpp"
#include "tests/support/manual_time.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>

namespace sb::test {

using namespace std::chrono_literals;

struct ErrandBench {
    asio::io_context io{1};
    ManualTime time{io};
    FakeCluster cluster{time};
    FakeDisks disks{cluster, time};
    engine::DiskPorts ports{cluster, disks, time};
    engine::Errands errands{io.get_executor(), time};

    ErrandBench() {
        cluster.add_vm("FILE01");
        cluster.add_vm("Büro 2");
    }
    ~ErrandBench() { stop(); }

    /// As the daemon does when it ends.
    void stop() {
        errands.stop();
        asio::co_spawn(io, errands.join(), asio::detached);
        time.settle();
    }

    /// Lets time pass until the errand has ended, at most two hours; how it ended.
    engine::Errand end_of(Result<engine::Errand> const& started) {
        if (!started) throw std::runtime_error(started.error().context);
        auto const id = started->id;
        time.run_until_done([&] { return errands.look(id)->state != engine::ErrandState::running; }, 2h);
        return errands.look(id).value();
    }
};

}  // namespace sb::test
