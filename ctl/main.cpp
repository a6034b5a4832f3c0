#include "common/ipc/endpoint.hpp"
#include "common/zone.hpp"
#include "ctl/cli/command_line.hpp"
#include "ctl/session.hpp"

#include <cstdlib>
#include <exception>
#include <iostream>

namespace {

template <class Time, class Clock>
Time now() {
    return std::chrono::floor<sb::Milliseconds>(Clock::now());
}

int run(std::vector<std::string> const& arguments) {
    using namespace sb;
    ctl::SocketSources sockets{std::nullopt, ipc::default_endpoint().string()};
    if (char const* socket = std::getenv("SCALE_BACKUP_SOCKET")) sockets.environment = socket;
    auto invocation = ctl::parse_command_line(arguments, sockets);
    ctl::GlobalOptions options;
    if (invocation) options = invocation->options;
    else options.json = ctl::wants_json(arguments);
    ctl::Console console{std::cout,
                         std::cerr,
                         ctl::terminal_of_process(options.no_color),
                         now<UtcTime, std::chrono::system_clock>,
                         now<SteadyTime, std::chrono::steady_clock>,
                         local_offset};
    ctl::Session session{options, console};
    if (!invocation) return ctl::flushed(session, ctl::report(session, invocation.error()));
    return ctl::run(session, std::move(invocation->arguments));
}

}  // namespace

int main(int argc, char** argv) try { return run({argv + 1, argv + argc}); } catch (std::exception const& bug) {
    std::cerr << "scale-backupctl: internal error, please report it: " << bug.what() << '\n';
    return 1;
}
