// From the command line to serve(): handles everything that needs no running daemon.
#include "daemon/app/run.hpp"

#include "common/config/config_file.hpp"
#include "common/config/load.hpp"
#include "common/config/summary.hpp"
#include "daemon/app/access.hpp"
#include "daemon/app/health_check.hpp"
#include "daemon/app/show_fingerprints.hpp"
#include "daemon/app/logging.hpp"
#include "daemon/app/options.hpp"
#include "daemon/app/serve.hpp"
#include "daemon/app/signals.hpp"
#include "daemon/async/failure.hpp"
#include "daemon/platform/process.hpp"
#include "daemon/platform/zone_info.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <cstdlib>
#include <exception>
#include <iostream>

namespace sb::app {
namespace {

constexpr int usage_error = 2;

std::optional<std::string> environment(std::string const& name) {
    char const* const value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
}

void apply(Options const& options, config::Config& config) {
    if (options.socket) config.daemon.socket = *options.socket;
    if (options.state_dir) config.daemon.state_dir = *options.state_dir;
    if (options.log_level) config.daemon.log_level = *options.log_level;
}

int fail(Error const& error) {
    std::cerr << "scale-backupd: " << error.context << '\n';
    return exit_code_of(error.code);
}

/// A full disk or a closed standard output must not look like success. A failure keeps its exit code.
int end_output(int code) {
    if (std::cout.flush()) return code;
    std::cerr << "scale-backupd: cannot write to stdout\n";
    return code == EXIT_SUCCESS ? exit_code_of(Errc::io) : code;
}

/// Where systemd puts the files of a unit's LoadCredential=; empty without it.
std::filesystem::path credentials_directory() { return environment("CREDENTIALS_DIRECTORY").value_or(""); }

ReadConfig reader_of(std::filesystem::path file, Options options) {
    return [file = std::move(file), options = std::move(options)]() {
        auto loaded = config::load(file, credentials_directory());
        if (loaded.ok() && loaded.config.scale.cert_fingerprints.empty())
            loaded.problems.push_back({file.string(), 0, 0, "Scale.CertFingerprint", "this is not set"});
        apply(options, loaded.config);
        if (auto problem = problem_with_sockets(loaded.config.daemon); loaded.ok() && !problem.empty())
            loaded.problems.push_back({file.string(), 0, 0, "Daemon.Socket", std::move(problem)});
        return loaded;
    };
}

/// Prints what --check-config found on this machine, apart from the configuration. Returns the worst finding's exit
/// code.
int print_findings(config::Loaded const& loaded) {
    auto const findings = check_machine(loaded.config, {});
    std::cout << "\n[This machine]\n";
    for (auto const& finding : findings) {
        std::cout << "  " << doctor::name_of(finding.verdict) << ": " << finding.subject << ": " << finding.message
                  << '\n';
        if (!finding.remedy.empty()) std::cout << "      -> " << finding.remedy << '\n';
    }
    auto const worst = doctor::worst(findings);
    return worst ? exit_code_of(*worst) : EXIT_SUCCESS;
}

void log_zone() {
    auto const zone = platform::zone_info(std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()));
    if (zone.problem) spdlog::warn("{}", *zone.problem);
    else spdlog::info("the time zone is {}", platform::zone_text(zone));
}

int run_with(Options const& options) {
    if (!options.check_config) hold_reloads();
    auto const file = config::find_config_file(options.config, environment);
    if (!file) return fail(file.error());
    for (auto const& note : file->notes) std::cerr << "scale-backupd: note: " << note << '\n';
    auto loaded = config::load(file->path, credentials_directory());
    std::cerr << config::render_problems(loaded.warnings) << config::render_problems(loaded.problems);
    if (!loaded.ok()) return exit_code_of(Errc::invalid_config);
    apply(options, loaded.config);
    if (auto const problem = problem_with_sockets(loaded.config.daemon); !problem.empty())
        return fail(Error{Errc::invalid_config, "Daemon.Socket: " + problem});
    if (options.check_config)
        std::cout << "Read from " << file->path.string() << "\n\n" << config::summary(loaded.config);

    if (loaded.config.scale.cert_fingerprints.empty()) {
        auto const text = describe_certificates(loaded.config.scale);
        if (!text) std::cerr << "Scale CertFingerprint not set\n";
        if (!text) return fail(text.error());
        std::cerr << *text;
        return exit_code_of(Errc::invalid_config);
    }
    if (options.check_config) return end_output(print_findings(loaded));

    if (auto const opened = set_up_logging(loaded.config.daemon); !opened) return fail(opened.error());
    spdlog::info("using the configuration {}", file->path.string());
    log_zone();
    for (auto const& note : file->notes) spdlog::warn("{}", note);
    for (auto const& warning : loaded.warnings) spdlog::warn("{}", config::render_problems({warning}));
    platform::limit_memory(platform::memory_limit_bytes);
    auto const ended = serve(loaded.config, reader_of(file->path, options));
    if (!ended) return fail(ended.error());
    return EXIT_SUCCESS;
}

}  // namespace

int run(int argc, char const* const* argv) {
    platform::open_standard_descriptors();
    try {
        auto const options = parse_options(argc, argv);
        if (!options) {
            std::cerr << "scale-backupd: " << options.error().context << '\n';
            return usage_error;
        }
        if (options->help) {
            std::cout << usage();
            return end_output(EXIT_SUCCESS);
        }
        if (options->version) {
            std::cout << "scale-backupd " SB_VERSION "\n";
            return end_output(EXIT_SUCCESS);
        }
        return run_with(*options);
    } catch (std::exception const& e) {
        std::cerr << "scale-backupd: " << internal_error(e.what()).context << '\n';
        return EXIT_FAILURE;
    }
}

}  // namespace sb::app
