// Who gets a slot of the cluster next.
#include "daemon/engine/slots.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <exception>
#include <set>

using namespace sb;
using core::JobKind;

namespace {

struct SlotsOfTwo : ::testing::Test {
    asio::io_context io;
    engine::Slots slots{io.get_executor(), 2};
    std::set<JobId> granted;

    using Place = engine::Slots::Place;

    task<void> acquire(JobId job, JobKind kind, Place place) {
        bool const mine = co_await slots.acquire(job, kind, place);
        if (mine) granted.insert(job);
    }
    void want(JobId job, JobKind kind, Place place = Place::last) {
        auto const ignore = [](std::exception_ptr) {};
        asio::co_spawn(io, acquire(job, kind, place), ignore);
        settle();
    }
    void settle() {
        io.restart();
        io.poll();
    }
    void fill() {
        slots.occupy();
        slots.occupy();
    }
    using Jobs = std::set<JobId>;
};

}  // namespace

TEST_F(SlotsOfTwo, ARestoreDoesNotWaitForExportsThatDoNotMove) {
    fill();
    want(1, JobKind::backup);
    want(2, JobKind::restore);
    EXPECT_EQ(granted, Jobs{});
    slots.set_idle(1);
    settle();
    EXPECT_EQ(granted, Jobs{2}) << "an export waits for a slot that is really free";
    want(3, JobKind::restore);
    EXPECT_EQ(granted, Jobs{2});
    slots.set_idle(2);
    settle();
    EXPECT_EQ(granted, (Jobs{2, 3}));
}

TEST_F(SlotsOfTwo, WhileExportsAreHeldOnlyRestoresAreServed) {
    slots.hold_exports(true);
    want(1, JobKind::backup);
    want(2, JobKind::restore);
    EXPECT_EQ(granted, Jobs{2});
    slots.hold_exports(false);
    settle();
    EXPECT_EQ(granted, (Jobs{1, 2}));
}

TEST_F(SlotsOfTwo, ExportsAndRestoresThatMoveAreServedInTheirOrder) {
    fill();
    want(1, JobKind::backup);
    want(2, JobKind::restore);
    slots.release();
    settle();
    EXPECT_EQ(granted, Jobs{1});
    slots.release();
    settle();
    EXPECT_EQ(granted, (Jobs{1, 2}));
}

TEST_F(SlotsOfTwo, OneThatComesBackIsServedBeforeAllThatWait) {
    fill();
    want(1, JobKind::backup);
    want(2, JobKind::restore);
    want(3, JobKind::restore, Place::first);
    slots.release();
    settle();
    EXPECT_EQ(granted, Jobs{3});
    slots.withdraw(1);
    slots.release();
    settle();
    EXPECT_EQ(granted, (Jobs{2, 3}));
}
