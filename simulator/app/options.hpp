#pragma once
// The command line of hypercore-sim.

#include "common/error.hpp"
#include "simulator/api/simulator.hpp"
#include "simulator/net/listener.hpp"
#include "simulator/net/tls.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sb::sim {

struct Options {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  ///< 0 = the system chooses
    int addresses = 1;       ///< nodes that listen, each with a certificate of its own
    TlsFiles tls;
    Population population;
    int fill_percent = 30;
    std::uint64_t seed = 1;
    std::string data_dir;  ///< "" = a temporary one, removed at the end
    TransferSettings transfer;
    Manners manners;
    ConnectionLimits limits;
    std::size_t max_transfers = 3;
    double time_scale = 1;
    std::uint64_t first_tag = 4711;
    std::int64_t keep_tasks = 0;  ///< seconds after its end that a task can be asked for; 0 = for ever
    std::string scenario;
    bool quiet = false;
    bool transfer_worker = false;
    std::string help;  ///< not empty: print it and end
};

Result<Options> read_options(int argc, char const* const* argv);

/// "64M" -> 67108864; plain bytes, K, M, G or T.
Result<std::int64_t> parse_size(std::string_view text);

}  // namespace sb::sim
