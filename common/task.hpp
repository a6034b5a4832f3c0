#pragma once
// The coroutine type of both programs, and nothing more: cheap to include everywhere.

#include <utility>

#include <boost/asio/awaitable.hpp>

namespace sb {

namespace asio = boost::asio;

template <class T>
using task = asio::awaitable<T>;

}  // namespace sb
