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
    std::uint16_t port = 0;  ///< 0 = chosen by the system
    int addresses = 1;       ///< number of nodes that listen, each with its own certificate
    TlsFiles tls;
    std::string cluster_uuid;  ///< "" = by the seed or the scenario
    std::string cluster_name;  ///< "" = the default or that of the scenario
    Population population;
    int fill_percent = 30;
    std::uint64_t seed = 1;
    std::string data_dir;  ///< "" = a temporary one, removed at exit
    TransferSettings transfer;
    Behaviour behaviour;
    ConnectionLimits limits;
    std::size_t max_transfers = 3;
    double time_scale = 1;
    std::uint64_t first_tag = 4711;
    std::int64_t keep_tasks = 0;  ///< seconds that a finished task is available; 0 = forever
    std::string scenario;
    bool quiet = false;
    bool transfer_worker = false;
    std::string help;  ///< not empty: print it and exit
};

Result<Options> read_options(int argc, char const* const* argv);

/// "64M" -> 67108864; plain bytes, K, M, G or T.
Result<std::int64_t> parse_size(std::string_view text);

}  // namespace sb::sim
