#include "tests/support/simulator.hpp"

#include <csignal>
#include <regex>
#include <stdexcept>

namespace sb::test {

namespace {

// The output of the simulated cluster. Compiled before any thread starts: libstdc++ then fills a table of its locale,
// and several clusters may be started concurrently.
std::regex const address(R"(listening on https://(127\.0\.0\.1:\d+))");
std::regex const print(R"(fingerprint (([0-9A-Fa-f]{2}:){31}[0-9A-Fa-f]{2}))");
std::regex const control(R"(control https://(127\.0\.0\.1:\d+))");
std::regex const node(R"(node \d+ (\S+) https://(127\.0\.0\.1:\d+))");

}  // namespace

std::string built_program(std::string const& name) { return std::string(SB_TEST_BIN_DIR) + "/" + name; }

Simulator::Simulator(Settings settings) : settings_(std::move(settings)) {
    Command command{.argv = {built_program("hypercore-sim"), "--listen", "127.0.0.1:0", "--username",
                             settings_.username, "--password", settings_.password}};
    command.argv.insert(command.argv.end(), settings_.options.begin(), settings_.options.end());
    process_ = std::make_unique<Process>(std::move(command));

    std::smatch found_address;
    std::smatch found_print;
    std::string text;
    wait_until([&] {
        text = log();
        bool const told =
            std::regex_search(text, found_address, address) && std::regex_search(text, found_print, print);
        return told || !process_->running();
    });
    if (found_address.empty() || found_print.empty()) throw std::runtime_error("hypercore-sim does not start: " + text);
    host_ = found_address[1];
    fingerprint_ = found_print[1];
    if (std::regex_search(text, found_address, control)) control_ = found_address[1];
    for (std::sregex_iterator it(text.begin(), text.end(), node), end; it != end; ++it)
        further_.push_back({(*it)[2], (*it)[1]});
}

Simulator::~Simulator() { process_->stop(); }

std::string Simulator::request(std::string const& method, std::string const& path, std::string const& body) const {
    return exchange(method, path.starts_with("/sim/") ? control_ : host_, path, body);
}

std::string Simulator::exchange(std::string const& method, std::string const& address, std::string const& path,
                                std::string const& body) const {
    Command command{.argv = {"curl", "--silent", "--show-error", "--insecure", "--max-time", "20", "--fail-with-body",
                             "--user", settings_.username + ":" + settings_.password, "--request", method, "--header",
                             "Content-Type: application/json"}};
    if (!body.empty()) command.argv.insert(command.argv.end(), {"--data", "@-"});
    command.argv.push_back("https://" + address + path);
    command.input = body;
    auto const done = run(std::move(command));
    if (done.code != 0) throw std::runtime_error(method + " " + path + ": " + done.err + done.out);
    return done.out;
}

std::string Simulator::get(std::string const& path) const { return request("GET", path); }

void Simulator::faults(std::string const& json) const { request("POST", "/sim/faults", json); }

json::Document Simulator::stats() const { return json::Document::parse(get("/sim/stats")).value(); }

std::uint64_t Simulator::stat(std::string_view name) const {
    auto const document = stats();
    auto const number = document.root()[name].unsigned_integer();
    if (!number) throw std::runtime_error("the simulator does not count '" + std::string(name) + "'");
    return *number;
}

}  // namespace sb::test
