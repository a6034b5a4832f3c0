#include "simulator/app/options.hpp"

#include <boost/program_options.hpp>

#include <charconv>
#include <sstream>
#include <vector>

namespace sb::sim {

namespace po = boost::program_options;

namespace {

/// Values that need further parsing after Program_options has read them.
struct Raw {
    std::string listen = "127.0.0.1:0";
    std::string disk_size = "64M";
    std::string speed;
    std::vector<std::string> shares;
    std::int64_t idle_seconds = 60;
    std::int64_t task_ms = 200;
};

constexpr unsigned page_width = 79;

/// The cluster and its addresses.
po::options_description cluster_options(Options& o, Raw& raw) {
    po::options_description group("", page_width);
    auto add = group.add_options();
    add("listen", po::value(&raw.listen), "ADDR:PORT; port 0 = chosen by the system");
    add("addresses", po::value(&o.addresses), "number of nodes that listen, each on its own port");
    add("username", po::value(&o.population.username), "user with all permissions");
    add("password", po::value(&o.population.password), "");
    add("cert", po::value(&o.tls.certificate), "PEM certificate; generated if not given");
    add("key", po::value(&o.tls.key), "PEM key of the certificate");
    add("extra-chain", po::value(&o.tls.extra_chain), "PEM certificates sent after the leaf");
    add("vms", po::value(&o.population.vms), "number of VMs");
    add("disk-size", po::value(&raw.disk_size), "in bytes, or with K, M, G");
    add("disks-per-vm", po::value(&o.population.disks_per_vm), "");
    add("fill", po::value(&o.fill_percent), "percentage of each disk that holds data");
    add("nodes", po::value(&o.population.nodes), "number of nodes that the cluster reports");
    add("seed", po::value(&o.seed), "the same seed gives the same cluster and data");
    add("data-dir", po::value(&o.data_dir), "folder of the guest disks; default: temporary");
    add("scenario", po::value(&o.scenario), "JSON file: VMs, users, roles, behaviour, faults");
    add("map-share", po::value(&raw.shares), "HOST/SHARE=PATH: a folder instead of SMB");
    add("quiet", po::bool_switch(&o.quiet), "print only the lines that scripts need");
    return group;
}

/// Behaviour and speed; identity, because the first page is full.
po::options_description behaviour_options(Options& o, Raw& raw) {
    po::options_description group("", page_width);
    auto add = group.add_options();
    add("export-seconds", po::value(&o.transfer.seconds), "duration of each transfer");
    add("speed", po::value(&raw.speed), "bytes of capacity per second, for each transfer");
    add("max-transfers", po::value(&o.max_transfers), "concurrent exports and imports");
    add("time-scale", po::value(&o.time_scale), "10 = everything ten times as fast");
    add("task-ms", po::value(&raw.task_ms), "duration of small tasks");
    add("first-tag", po::value(&o.first_tag), "tag of the first task");
    add("keep-tasks", po::value(&o.keep_tasks), "seconds that a finished task is available; 0 = forever");
    add("cluster-uuid", po::value(&o.cluster_uuid), "default: by the seed");
    add("cluster-name", po::value(&o.cluster_name), "default: hc3-sim");
    add("keep-alive-requests", po::value(&o.limits.requests), "requests before a connection is closed; 0 = unlimited");
    add("idle-seconds", po::value(&raw.idle_seconds), "idle time before a connection is closed");
    add("changing", po::bool_switch(&o.behaviour.changing), "guests write some data before each export");
    add("plain-text-400", po::bool_switch(&o.behaviour.plain_text_400), "refusals as text of the request validator");
    add("session-503", po::bool_switch(&o.behaviour.session_errors_are_503), "503 instead of 401");
    add("smb-errors-fail-post", po::bool_switch(&o.behaviour.smb_errors_fail_post),
        "a bad share fails the POST, not the task");
    return group;
}

constexpr auto first_page_head = "hypercore-sim: a simulated HyperCore cluster over HTTPS\n";
constexpr auto first_page_tail = R"(    --help-behaviour      more options: speed, behaviour, identity

Example:
  hypercore-sim --listen 127.0.0.1:0 --username a --password b --vms 4
)";
constexpr auto behaviour_page_head = "hypercore-sim: speed, behaviour and identity of the cluster\n";
constexpr auto behaviour_page_tail = R"(
Faults come from --scenario or POST /sim/faults: simulator/README.md

Example:
  hypercore-sim --vms 4 --export-seconds 7 --changing
)";

std::string page_of(char const* head, po::options_description const& group, char const* tail) {
    std::ostringstream text;
    text << head << group << tail;
    return text.str();
}

Result<void> read_listen(Options& options, std::string const& text) {
    auto const colon = text.rfind(':');
    if (colon == std::string::npos) return Error{Errc::invalid_params, "--listen " + text + ": expected ADDR:PORT"};
    options.address = text.substr(0, colon);
    if (options.address.size() > 2 && options.address.front() == '[')
        options.address = options.address.substr(1, options.address.size() - 2);
    auto const* begin = text.data() + colon + 1;
    auto const* end = text.data() + text.size();
    auto const [at, error] = std::from_chars(begin, end, options.port);
    if (error != std::errc() || at != end) return Error{Errc::invalid_params, "--listen " + text + ": invalid port"};
    return {};
}

Result<void> read_raw(Options& options, Raw const& raw) {
    if (auto read = read_listen(options, raw.listen); !read) return read;
    auto const size = parse_size(raw.disk_size);
    if (!size) return size.error();
    options.population.disk_size = *size;
    if (!raw.speed.empty()) {
        auto const speed = parse_size(raw.speed);
        if (!speed) return speed.error();
        options.transfer.speed = *speed;
    }
    for (auto const& share : raw.shares) {
        auto const equals = share.find('=');
        if (equals == std::string::npos || share.find('/') > equals)
            return Error{Errc::invalid_params, "--map-share " + share + ": expected HOST/SHARE=PATH"};
        options.transfer.share_map[share.substr(0, equals)] = share.substr(equals + 1);
    }
    if (options.time_scale <= 0) return Error{Errc::invalid_params, "--time-scale must be above 0"};
    options.limits.idle = std::chrono::seconds(raw.idle_seconds);
    options.behaviour.task_time = Milliseconds(raw.task_ms);
    return {};
}

}  // namespace

Result<std::int64_t> parse_size(std::string_view text) {
    std::int64_t number = 0;
    auto const* end = text.data() + text.size();
    auto const [at, error] = std::from_chars(text.data(), end, number);
    static constexpr std::string_view units = "KMGT";
    if (error == std::errc() && number >= 0 && at == end) return number;
    if (error == std::errc() && number >= 0 && at + 1 == end) {
        auto const unit = units.find(*at);
        if (unit != std::string_view::npos) return number << (10 * (unit + 1));
    }
    return Error{Errc::invalid_params,
                 "\"" + std::string(text) + "\" is not a size; expected bytes or a number with K, M, G or T"};
}

Result<Options> read_options(int argc, char const* const* argv) {
    Options options;
    Raw raw;
    auto const cluster = cluster_options(options, raw);
    auto const behaviour = behaviour_options(options, raw);
    po::options_description all;
    all.add(cluster).add(behaviour).add_options()("help,h", "")("help-behaviour", "")(
        "transfer-worker", po::bool_switch(&options.transfer_worker), "internal: run as a transfer worker");
    try {
        po::variables_map values;
        po::store(po::parse_command_line(argc, argv, all), values);
        po::notify(values);
        if (values.contains("help")) options.help = page_of(first_page_head, cluster, first_page_tail);
        if (values.contains("help-behaviour"))
            options.help = page_of(behaviour_page_head, behaviour, behaviour_page_tail);
    } catch (po::error const& error) {
        return Error{Errc::invalid_params, error.what()};
    }
    if (auto read = read_raw(options, raw); !read) return read.error();
    return options;
}

}  // namespace sb::sim
