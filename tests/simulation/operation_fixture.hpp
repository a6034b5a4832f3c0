#pragma once
// Operations on a manual clock, with a cluster and its disks in memory.

#include "daemon/engine/upload_disk_image.hpp"
#include "tests/simulation/fake_disks.hpp"
#include "tests/support/manual_time.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>

namespace sb::test {

using namespace std::chrono_literals;

struct OperationFixture {
    asio::io_context io{1};
    ManualTime time{io};
    FakeCluster cluster{time};
    FakeDisks disks{cluster, time};
    engine::DiskPorts ports{cluster, disks, time};
    engine::Operations operations{io.get_executor(), time};

    OperationFixture() {
        cluster.add_vm("FILE01");
        cluster.add_vm("Büro 2");
    }
    ~OperationFixture() { stop(); }

    /// As the daemon does when it stops.
    void stop() {
        operations.stop();
        asio::co_spawn(io, operations.join(), asio::detached);
        time.settle();
    }

    /// Lets time pass until the operation has finished, at most two hours; returns its result.
    engine::Operation end_of(Result<engine::Operation> const& started) {
        if (!started) throw std::runtime_error(started.error().context);
        auto const id = started->id;
        time.run_until_done([&] { return operations.get(id)->state != engine::OperationState::running; }, 2h);
        return operations.get(id).value();
    }
};

}  // namespace sb::test
