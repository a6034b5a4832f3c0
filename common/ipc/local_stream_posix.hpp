#pragma once
// A Stream over a connected Unix socket. Only this module's POSIX files include it.

#include "common/ipc/stream.hpp"

#include <boost/asio/local/stream_protocol.hpp>

#include <filesystem>
#include <memory>

namespace sb::ipc {

using LocalSocket = asio::local::stream_protocol::socket;

std::unique_ptr<Stream> stream_over(LocalSocket socket);

/// Why no socket can have this path; empty if one can.
std::string problem_with_path(std::filesystem::path const& path);

/// What a failed system call means here.
Error error_from(boost::system::error_code const& why, std::string_view doing);

}  // namespace sb::ipc
