// Ten thousand backups keep no other caller of the event loop waiting: what is computed from them has pauses.
#include "tests/simulation/clean_up_fixture.hpp"

#include <boost/asio/post.hpp>

#include <exception>
#include <functional>
#include <string>
#include <utility>

using namespace sb;
using namespace sb::core;
using namespace sb::test;

namespace {

struct LongLists : CleanUp {
    /// How often the loop turned to others meanwhile.
    template <class T>
    int turns_of(task<Result<T>> work) {
        constexpr int too_many = 100'000;
        int turns = 0;
        bool is_done = false;
        std::function<void()> other = [&] {
            ++turns;
            if (!is_done && turns < too_many) asio::post(fixture.io, other);
        };
        auto done = [&](std::exception_ptr failure, Result<T> made) {
            if (failure) std::rethrow_exception(failure);
            EXPECT_TRUE(made);
            is_done = true;
        };
        asio::co_spawn(fixture.io, std::move(work), done);
        asio::post(fixture.io, other);
        fixture.time.settle();
        EXPECT_TRUE(is_done);
        return turns;
    }
    int turns_of_gathering() {
        fixture.scheduler->folders_changed();
        return turns_of(fixture.scheduler->gather());
    }
};

}  // namespace

TEST_F(LongLists, ASnapshotHasPauses) {
    auto const vm = fixture.cluster.vms.front().uuid;
    add_copy("first", vm, 1);
    fixture.start();
    auto const of_one = turns_of_gathering();
    for (int i = 0; i < 10'000; ++i) add_copy("copy " + std::to_string(i), vm, 1 + i % 20);
    EXPECT_GE(turns_of_gathering() - of_one, 9) << "at most a thousand backups between two pauses";
}

TEST_F(LongLists, JudgingAListHasPauses) {
    auto const vm = fixture.cluster.vms.front().uuid;
    add_copy("first", vm, 1);
    fixture.start();
    auto const of_one = turns_of(fixture.shown.list());
    for (int i = 0; i < 10'000; ++i) add_copy("copy " + std::to_string(i), vm, 1 + i % 20);
    EXPECT_GE(turns_of(fixture.shown.list()) - of_one, 9) << "at most a thousand backups between two pauses";
}
