#include "daemon/app/health_check.hpp"

#include "common/ipc/listen.hpp"
#include "common/text/ascii.hpp"
#include "common/text/size_text.hpp"
#include "daemon/doctor/evaluate.hpp"
#include "daemon/hypercore/make_cluster.hpp"
#include "daemon/hypercore/node_check.hpp"
#include "daemon/net/https_transport.hpp"
#include "daemon/net/look_up.hpp"
#include "daemon/notify/send_smtp.hpp"
#include "daemon/platform/file_system.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

namespace sb::app {
namespace {

namespace fs = std::filesystem;

doctor::HookFile inspect_hook(std::string const& hook, std::string const& command) {
    doctor::HookFile file{hook, command.substr(0, command.find_first_of(" \t"))};
    std::error_code ignored;
    auto const status = fs::status(file.program, ignored);
    file.exists = fs::exists(status);
    file.executable = platform::may_execute(file.program);
    file.writable_by_all = (status.permissions() & fs::perms::others_write) != fs::perms::none && file.exists;
    return file;
}

std::vector<doctor::HookFile> inspect_hooks(config::Hooks const& hooks) {
    std::vector<doctor::HookFile> files;
    for (auto const& hook : all_hooks)
        if (auto const& command = hooks.command(hook.kind); !command.empty())
            files.push_back(inspect_hook(std::string(hook.name), command));
    return files;
}

std::vector<doctor::GroupFacts> look_up_groups(config::Daemon const& daemon) {
    std::vector<doctor::GroupFacts> groups;
    auto const add = [&](std::string const& key, std::string const& name) {
        if (name.empty()) return;
        auto const id = ipc::group_id(name, key);
        groups.push_back({"Daemon." + key, name, id ? Result<void>() : Result<void>(id.error())});
    };
    add("SocketGroup", daemon.socket_group);
    add("SocketReadGroup", daemon.socket_read_group);
    return groups;
}

doctor::LocalFacts inspect_machine(config::Config const& config, std::vector<std::string> const& config_warnings) {
    doctor::LocalFacts facts;
    facts.config_warnings = config_warnings;
    facts.state_dir = config.daemon.state_dir.string();
    facts.local_path = config.smb.local_path.string();
    // The daemon creates it at the first start.
    std::error_code ignored;
    auto const state =
        fs::exists(config.daemon.state_dir, ignored) ? config.daemon.state_dir : config.daemon.state_dir.parent_path();
    facts.state_dir_writable = platform::probe_writable(state);
    facts.local_path_writable = platform::probe_writable(config.smb.local_path);
    facts.space = platform::space_of(config.smb.local_path);
    facts.hooks = inspect_hooks(config.hooks);
    facts.groups = look_up_groups(config.daemon);
    facts.log_file = config.daemon.log_file.string();
    facts.log_file_is_folder = fs::is_directory(config.daemon.log_file, ignored);
    return facts;
}

/// The path itself if it cannot be resolved.
std::string real_path(std::string const& path) {
    std::error_code failed;
    auto const real = fs::canonical(path, failed);
    return failed ? path : real.string();
}

}  // namespace

doctor::Findings check_machine(config::Config const& config, std::vector<std::string> const& config_warnings) {
    return doctor::evaluate_local(inspect_machine(config, config_warnings));
}

task<Result<std::string>> HealthCheck::path_by_samba(std::string share) {
    // testparm prints the share's folder as smbd understands its configuration; no password is needed for that.
    ports::ProgramCall call{"testparm",
                            {"/usr/bin/env", "testparm", "-s", "--section-name=" + share, "--parameter-name=path"},
                            Milliseconds{10'000}};
    auto const result = co_await parts_.programs.run(std::move(call));
    if (!result) co_return Error{Errc::not_found, "Samba's testparm is not installed on this machine"};
    std::string const output(trimmed(result->output, spaces_and_line_ends));
    auto const last_line = output.substr(output.find_last_of('\n') + 1);
    if (!result->succeeded() || !last_line.starts_with('/'))
        co_return Error{Errc::not_found, "Samba's testparm knows no share '" + share + "' on this machine"};
    auto const resolve = [last_line] { return Result<std::string>(real_path(last_line)); };
    co_return co_await thread_.run(resolve);
}

task<void> HealthCheck::check_share(config::Config const& config, std::optional<UtcTime> last_arrival,
                                    doctor::Findings& findings) {
    doctor::ShareFacts facts{config.smb.share_name, Error{Errc::not_found, ""}, config.smb.local_path.string(),
                             last_arrival};
    facts.path_by_samba = co_await path_by_samba(config.smb.share_name);
    auto const resolve = [path = facts.local_path] { return Result<std::string>(real_path(path)); };
    auto const real = co_await thread_.run(resolve);
    facts.local_path = *real;
    findings.push_back(doctor::evaluate_share(facts));
}

task<void> HealthCheck::check_cluster(config::Config const& config, doctor::Findings& findings) {
    for (auto const& host : config.scale.hosts) {
        auto const endpoint = hypercore::endpoint_of(host);
        auto const transport = net::make_https_transport(parts_.executor, endpoint, config.scale.cert_fingerprints,
                                                         net::ConnectionLimits());
        auto const started = parts_.time.now();
        auto node = co_await hypercore::check_node(*transport, config.scale);
        transport->close();
        doctor::NodeFacts facts{net::to_text(endpoint), node.vms, std::nullopt, Error{Errc::unreachable, ""},
                                config.scale.username};
        if (node.its_time) facts.ahead = *node.its_time - std::chrono::floor<std::chrono::seconds>(started);
        if (node.rights) facts.rights = doctor::Rights{node.rights->roles, node.rights->functions};
        else facts.rights = node.rights.error();
        auto node_findings = doctor::evaluate_node(facts);
        findings.insert(findings.end(), node_findings.begin(), node_findings.end());
    }
}

task<void> HealthCheck::check_mail(config::Config const& config, doctor::Findings& findings) {
    doctor::MailFacts facts;
    facts.configured = config.smtp.has_value();
    if (config.smtp) {
        facts.server = config.smtp->host;
        auto const smtp = *config.smtp;
        auto const reach = [smtp, this] {
            return notify::reach_smtp(smtp, stop_, {Milliseconds{10'000}, Milliseconds{20'000}, {}});
        };
        facts.reachable = co_await thread_.run(reach);
    }
    findings.push_back(doctor::evaluate_mail(facts));
}

/// However the round ends, its waiters continue.
class HealthCheck::RoundEnd {
public:
    RoundEnd(HealthCheck& all, std::shared_ptr<Round> round) : all_(all), round_(std::move(round)) {}
    RoundEnd(RoundEnd const&) = delete;
    RoundEnd& operator=(RoundEnd const&) = delete;
    ~RoundEnd() {
        round_->over = true;
        round_->ended.cancel();
        if (all_.round_ == round_) all_.round_.reset();
    }

private:
    HealthCheck& all_;
    std::shared_ptr<Round> round_;
};

task<Result<doctor::Findings>> HealthCheck::check(config::Config config, std::vector<std::string> config_warnings) {
    if (auto const round = round_) {
        boost::system::error_code woken;
        while (!round->over) co_await round->ended.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        co_return round->outcome;
    }
    auto const round = std::make_shared<Round>(parts_.executor);
    round_ = round;
    RoundEnd const end(*this, round);
    round->outcome = co_await check_everything(std::move(config), std::move(config_warnings));
    co_return round->outcome;
}

task<doctor::Findings> HealthCheck::check_everything(config::Config config, std::vector<std::string> config_warnings) {
    auto const inspect = [&config, &config_warnings] {
        return Result<doctor::LocalFacts>(inspect_machine(config, config_warnings));
    };
    auto local = co_await thread_.run(inspect);
    auto const backups = co_await parts_.catalog.list();
    if (backups)
        for (auto const& backup : *backups) local->largest_backup = std::max(local->largest_backup, backup.size_bytes);
    auto const status = co_await parts_.status();
    std::uint64_t reclaimable = 0;
    if (status) reclaimable = status->storage.reclaimable_bytes;
    if (local->space) local->space->free_bytes += reclaimable;
    auto findings = doctor::evaluate_local(*local);

    if (reclaimable > 0)
        findings.push_back(doctor::good("trash", size_text(reclaimable) +
                                                     " of deleted backups count as free: they are removed when an "
                                                     "export needs the room"));

    std::vector<std::pair<std::string, std::string>> names{{"SMB.Host", config.smb.host.host}};
    for (auto const& host : config.scale.hosts) names.emplace_back("Scale.Host", host.host);
    if (config.smtp) names.emplace_back("SMTP.Host", config.smtp->host);
    for (auto const& [key, name] : names) {
        doctor::NameFacts facts{key, name, Error{Errc::unreachable, ""}};
        auto const ask = [name = name] { return net::look_up(name); };
        facts.found = co_await thread_.run(ask);
        findings.push_back(doctor::evaluate_name(facts));
    }
    std::optional<UtcTime> last_arrival;
    if (status) last_arrival = status->last_success;
    co_await check_share(config, last_arrival, findings);
    co_await check_cluster(config, findings);
    if (status && !status->clock.empty())
        findings.push_back(doctor::good("clock", status->clock + "; that is known, and puts the clock in no doubt"));
    co_await check_mail(config, findings);
    doctor::ScheduleFacts schedule;
    schedule.configured = config.schedule.has_value();
    schedule.tag = parts_.schedule_tag();
    schedule.tag_matches_nothing = parts_.tag_matches_nothing();
    if (status) {
        schedule.paused = status->paused;
        schedule.behind = status->behind;
    }
    auto schedule_findings = doctor::evaluate_schedule(schedule);
    findings.insert(findings.end(), schedule_findings.begin(), schedule_findings.end());
    co_return findings;
}

}  // namespace sb::app
