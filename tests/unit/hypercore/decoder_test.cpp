#include "daemon/hypercore/decoder.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <thread>

namespace sb::hypercore {
namespace {

std::thread::id thread_for(std::size_t bytes) {
    asio::io_context io{1};
    Decoder decoder;
    std::thread::id where;
    auto const work = [] { return std::this_thread::get_id(); };
    asio::co_spawn(io, decoder.run(bytes, work), [&](std::exception_ptr, std::thread::id id) { where = id; });
    io.run();
    return where;
}

TEST(Decoder, OnlyLargeRepliesLeaveTheLoop) {
    EXPECT_EQ(thread_for(Decoder::largest_on_loop), std::this_thread::get_id());
    EXPECT_NE(thread_for(Decoder::largest_on_loop + 1), std::this_thread::get_id());
}

}  // namespace
}  // namespace sb::hypercore
