#include "daemon/app/options.hpp"

#include "common/config/defaults.hpp"

#include <boost/program_options.hpp>

#include <string>
#include <utility>

namespace sb::app {

namespace po = boost::program_options;

namespace {

Error bad_option(std::string what) { return {Errc::invalid_params, std::move(what) + "; see scale-backupd --help"}; }

}  // namespace

std::string usage() {
    return "scale-backupd - back up and restore the VMs of a HyperCore cluster\n"
           "\n"
           "Usage: scale-backupd [options]\n"
           "\n"
           "  --config FILE     the configuration file; default: SCALE_BACKUP_CONFIG,\n"
           "                    then the system's default path\n"
           "  --socket PATH     the control socket, instead of [Daemon] Socket\n"
           "  --state-dir DIR   the state directory, instead of [Daemon] StateDir\n"
           "  --log-level L     error, warning, info or debug, instead of [Daemon] LogLevel\n"
           "  --check-config    check the configuration, print it without passwords, exit\n"
           "  --version         print the version and exit\n"
           "  --help            print this help and exit\n"
           "\n"
           "It runs in the foreground. SIGTERM and SIGINT stop it; running exports\n"
           "continue at the cluster and are resumed at the next start. SIGHUP reloads\n"
           "the configuration.\n"
           "\n"
           "Example:\n"
           "  scale-backupd --config /etc/scale-backup/config.toml --check-config\n";
}

Result<Options> parse_options(int argc, char const* const* argv) {
    po::options_description known;
    known.add_options()("config", po::value<std::string>())("socket", po::value<std::string>())(
        "state-dir", po::value<std::string>())("log-level", po::value<std::string>())(
        "check-config", po::bool_switch())("version", po::bool_switch())("help,h", po::bool_switch());
    po::variables_map given;
    try {
        // No guessing: an abbreviation that works today may be ambiguous after an upgrade.
        auto const style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
        po::positional_options_description const none;
        po::store(po::command_line_parser(argc, argv).options(known).positional(none).style(style).run(), given);
    } catch (po::error const& e) {
        return bad_option(e.what());
    }
    Options options;
    for (auto const* name : {"config", "socket", "state-dir", "log-level"})
        if (given.count(name) > 0 && given[name].as<std::string>().empty())
            return bad_option(std::string("--") + name + " must not be empty");
    if (given.count("config") > 0) options.config = given["config"].as<std::string>();
    if (given.count("socket") > 0) options.socket = given["socket"].as<std::string>();
    if (auto const longest = config::system_defaults().max_socket_path;
        options.socket && options.socket->native().size() > longest)
        return bad_option("--socket: this system allows at most " + std::to_string(longest) + " bytes here");
    if (given.count("state-dir") > 0) options.state_dir = given["state-dir"].as<std::string>();
    if (given.count("log-level") > 0) {
        auto const& name = given["log-level"].as<std::string>();
        options.log_level = config::choice_of(config::log_level_words, name);
        if (!options.log_level)
            return Error{Errc::invalid_params,
                         "--log-level '" + name + "': must be " + config::listed(config::log_level_words)};
    }
    options.check_config = given["check-config"].as<bool>();
    options.version = given["version"].as<bool>();
    options.help = given["help"].as<bool>();
    return options;
}

}  // namespace sb::app
