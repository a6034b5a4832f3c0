#include "simulator/transfer/transfer.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <exception>
#include <string>
#include <utility>

#include <unistd.h>

namespace sb::sim {
namespace {

constexpr int exit_done = 0;
constexpr int exit_failed = 1;
constexpr int exit_nobody_listens = 2;

/// Up to the first line feed or the end of file.
std::string read_line(int fd) {
    std::string line;
    std::array<char, 4096> buffer{};
    for (;;) {
        ssize_t const got = ::read(fd, buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return line;
        line.append(buffer.data(), static_cast<std::size_t>(got));
        if (auto const end = line.find('\n'); end != std::string::npos) return line.substr(0, end);
    }
}

Outcome<Done> run(ExportSpec const& spec, Reporter& reporter) { return run_export(spec, reporter); }
Outcome<Done> run(ImportSpec const& spec, Reporter& reporter) { return run_import(spec, reporter); }
Outcome<Done> run(ProbeSpec const& spec, Reporter&) { return run_probe(spec); }

}  // namespace

int run_transfer_worker(int in_fd, int out_fd) {
    std::signal(SIGPIPE, SIG_IGN);
    Reporter reporter(out_fd);
    auto const spec = parse_spec(read_line(in_fd));
    if (!spec) {
        reporter.send(failed_here(spec.error()));
        return reporter.listener_gone() ? exit_nobody_listens : exit_failed;
    }
    Outcome<Done> outcome = Done{};
    try {
        outcome = std::visit([&reporter](auto const& one) { return run(one, reporter); }, *spec);
    } catch (std::exception const& bug) {
        outcome = Failed{"An internal error occurred: %@", {bug.what()}, ""};
    }
    if (outcome) reporter.send(std::move(*outcome));
    else reporter.send(outcome.error());
    if (reporter.listener_gone()) return exit_nobody_listens;
    return outcome ? exit_done : exit_failed;
}

}  // namespace sb::sim
