#pragma once
// A simulated cluster (hypercore-sim) as a child process, and its /sim/ endpoints, which a real cluster does not have:
// they control faults and report the requests.

#include "common/json/document.hpp"
#include "tests/support/process.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sb::test {

class Simulator {
public:
    struct Settings {
        std::string username = "admin";
        std::string password = "P@ssword";
        std::vector<std::string> options = {};  ///< further options of hypercore-sim
    };

    /// Starts it on a port chosen by the system and reads the port. Throws with its output if it exits.
    explicit Simulator(Settings settings);
    Simulator(Simulator const&) = delete;
    Simulator& operator=(Simulator const&) = delete;
    ~Simulator();

    Settings const& settings() const { return settings_; }
    std::string const& host() const { return host_; }                ///< "127.0.0.1:40123"
    std::string const& fingerprint() const { return fingerprint_; }  ///< SHA-256 of its leaf certificate
    /// The nodes added by the option --addresses, from the second on.
    struct Address {
        std::string host, fingerprint;
    };
    std::vector<Address> const& further() const { return further_; }
    std::string log() const { return process_->out() + process_->err(); }

    /// Switches faults on or off (JSON as in simulator/README.md).
    void faults(std::string const& json) const;
    /// Its counters: requests, handshakes, exports …
    json::Document stats() const;
    std::uint64_t stat(std::string_view name) const;

    /// A request to the REST API as administrator: returns the body. Throws if the status is not 200.
    std::string get(std::string const& path) const;
    /// GET on the address where no faults apply and nothing is counted.
    std::string ask(std::string const& path) const { return exchange("GET", control_, path, {}); }
    std::string request(std::string const& method, std::string const& path, std::string const& body = {}) const;

private:
    std::string exchange(std::string const& method, std::string const& address, std::string const& path,
                         std::string const& body) const;

    Settings settings_;
    std::unique_ptr<Process> process_;
    std::string host_, fingerprint_;
    std::string control_;  ///< where no faults apply and nothing is counted
    std::vector<Address> further_;
};

/// Path of a program of this build.
std::string built_program(std::string const& name);

}  // namespace sb::test
