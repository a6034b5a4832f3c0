#pragma once
// A Stream over a connected Unix socket. Only this module's POSIX files include it.

#include "common/ipc/stream.hpp"

#include <boost/asio/local/stream_protocol.hpp>

#include <filesystem>
#include <memory>

namespace sb::ipc {

class SideThreads;

using LocalSocket = asio::local::stream_protocol::socket;

/// To the daemon, which is trusted not to send descriptors.
std::unique_ptr<Stream> stream_over(LocalSocket socket);
/// From a client, which may send any. What that could keep waiting runs on the side threads.
std::unique_ptr<Stream> stream_over(LocalSocket socket, std::shared_ptr<SideThreads> side_threads);

/// Closes a connected socket that no operation uses any longer; where that may take long, on a side thread.
void close_connection(int descriptor, SideThreads& side_threads) noexcept;

/// Why no socket can have this path; empty if one can.
std::string problem_with_path(std::filesystem::path const& path);

/// What a failed system call means here.
Error error_from(boost::system::error_code const& why, std::string_view doing);

}  // namespace sb::ipc
