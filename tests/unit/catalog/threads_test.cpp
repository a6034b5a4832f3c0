// Calls that write may hang on a share that takes no writes. Reading must not wait for them.
#include "tests/unit/catalog/catalog_fixture.hpp"

#include <future>
#include <memory>

using namespace sb;

namespace sb::catalog {
namespace {

/// Occupies a thread until it is released.
struct Hung {
    std::promise<void> release;
    std::shared_future<void> released{release.get_future()};
};

task<int> hang(BlockingPool& pool, std::shared_ptr<Hung> hung) {
    auto work = [hung] {
        hung->released.wait();
        return 0;
    };
    co_return co_await pool.run(std::move(work));
}

}  // namespace

TEST_F(Catalog, IsReadWhileAllThreadsThatWriteHang) {
    BlockingPool reads{1};
    BlockingPool writes{1};
    auto const both = make_catalog(CatalogThreads{reads, writes}, share_);
    write_sample("b");
    ASSERT_TRUE(wait(both->write_manifest("b", sample("b"))));
    auto const hung = std::make_shared<Hung>();
    asio::io_context io;
    bool is_protected = false;
    auto const on_hang = [](std::exception_ptr, int) {};
    auto const on_write = [&is_protected](std::exception_ptr, Result<core::Backup> changed) {
        is_protected = changed.has_value();
    };
    asio::co_spawn(io, hang(writes, hung), on_hang);
    io.poll();
    asio::co_spawn(io, both->set_protected("b", true), on_write);
    io.poll();
    EXPECT_EQ(wait(both->list()).value().size(), 1u);
    EXPECT_TRUE(wait(both->find("b")));
    EXPECT_TRUE(wait(both->space()));
    EXPECT_TRUE(wait(both->storage_mark()));
    EXPECT_FALSE(is_protected) << "it waits for the thread that hangs";
    hung->release.set_value();
    io.restart();
    io.run();
    EXPECT_TRUE(is_protected);
}

}  // namespace sb::catalog
