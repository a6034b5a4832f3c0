#include "simulator/app/program.hpp"

#include <cstdio>
#include <exception>
#include <filesystem>

int main(int argc, char** argv) {
    auto const options = sb::sim::read_options(argc, argv);
    if (!options) {
        std::fprintf(stderr, "hypercore-sim: %s\n", options.error().context.c_str());
        return 2;
    }
    if (!options->help.empty()) {
        std::printf("%s", options->help.c_str());
        return 0;
    }
    if (options->transfer_worker) return sb::sim::run_transfer_worker(0, 1);
    try {
        std::string program = argv[0];
        // The working directory does not change, but an absolute path is simpler to reason about.
        if (program.find('/') != std::string::npos) program = std::filesystem::absolute(program);
        return sb::sim::run_simulator(*options, program);
    } catch (std::exception const& failure) {
        std::fprintf(stderr, "hypercore-sim: %s\n", failure.what());
        return 1;
    }
}
