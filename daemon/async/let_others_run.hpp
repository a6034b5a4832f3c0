#pragma once
// A long computation on the event loop calls this between its steps, so that no caller waits for all of it. What it
// computes from must be its own: others may change what they share meanwhile.

#include "daemon/async/task.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sb {

inline task<void> let_others_run() {
    auto const executor = co_await asio::this_coro::executor;
    co_await asio::post(executor, asio::use_awaitable);
}

}  // namespace sb
