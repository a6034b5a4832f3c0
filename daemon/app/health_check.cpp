#include "daemon/app/health_check.hpp"

#include "common/text/ascii.hpp"
#include "common/text/size_text.hpp"
#include "daemon/app/machine_facts.hpp"
#include "daemon/doctor/evaluate.hpp"
#include "daemon/hypercore/make_cluster.hpp"
#include "daemon/hypercore/node_check.hpp"
#include "daemon/net/https_transport.hpp"
#include "daemon/net/look_up.hpp"
#include "daemon/notify/send_smtp.hpp"
#include "daemon/platform/zone_info.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

namespace sb::app {
namespace {

namespace fs = std::filesystem;

/// The names of the checks that use a thread, and how long they may take.
std::string const machine_check = "this machine", share_check = "LocalPath", path_check = "paths",
                  list_check = "backups", name_check = "names", mail_check = "mail";
constexpr auto answers_within = std::chrono::seconds(20);
constexpr auto lists_within = std::chrono::seconds(30);
constexpr auto mail_answers_within = std::chrono::seconds(40);  // more than the limits of reach_smtp()

Error hangs(std::string const& what) {
    return {Errc::timed_out, what + " did not answer within " +
                                 std::to_string(std::chrono::seconds(answers_within).count()) + " seconds: it hangs"};
}

doctor::Finding inspect_zone() {
    auto const zone = platform::zone_info(std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()));
    if (!zone.problem) return doctor::good("time zone", platform::zone_text(zone));
    return doctor::warning("time zone", *zone.problem,
                           "install the time zones (tzdata), or name an existing one, then restart the daemon");
}

/// The path itself if it cannot be resolved.
std::string real_path(std::string const& path) {
    std::error_code failed;
    auto const real = fs::canonical(path, failed);
    return failed ? path : real.string();
}

}  // namespace

doctor::Findings check_machine(config::Config const& config, std::vector<std::string> const& config_warnings) {
    auto facts = inspect_own(config, config_warnings);
    auto local_path = inspect_local_path(config.smb.local_path);
    facts.local_path = config.smb.local_path.string();
    facts.local_path_writable = std::move(local_path.writable);
    facts.space = std::move(local_path.space);
    auto findings = doctor::evaluate_local(facts);
    findings.push_back(inspect_zone());
    return findings;
}

task<doctor::LocalFacts> HealthCheck::inspect_here(config::Config config, std::vector<std::string> config_warnings) {
    auto const path = config.smb.local_path;
    auto const state_dir = config.daemon.state_dir.string();
    auto const own_work = [config = std::move(config), warnings = std::move(config_warnings)] {
        return inspect_own(config, warnings);
    };
    auto own = threads_.run(own_work);
    auto found = co_await bounded_.run(machine_check, answers_within, std::move(own));
    doctor::LocalFacts facts;
    if (found) facts = std::move(*found);
    else facts.state_dir_writable = hangs("'" + state_dir + "', the programs of the hooks or the list of groups");
    facts.state_dir = state_dir;
    auto const share_work = [path] { return inspect_local_path(path); };
    auto share = threads_.run(share_work);
    auto local_path = co_await bounded_.run(share_check, answers_within, std::move(share));
    if (!local_path) {
        auto const error = hangs("'" + path.string() + "'");
        local_path.emplace();
        local_path->writable = error;
        local_path->space = error;
    }
    facts.local_path = path.string();
    facts.local_path_writable = std::move(local_path->writable);
    facts.space = std::move(local_path->space);
    co_return facts;
}

task<void> HealthCheck::check_backups(doctor::LocalFacts& facts, doctor::Findings& findings) {
    auto list = parts_.catalog.list();
    auto const backups = co_await bounded_.run(list_check, lists_within, std::move(list));
    if (!backups) {
        findings.push_back(doctor::warning("backups",
                                           "listing them has not returned: LocalPath hangs or is very slow, so that "
                                           "the size of the largest one is not known",
                                           "scale-backupctl status shows what waits for LocalPath, and since when"));
        co_return;
    }
    if (!*backups) co_return;
    for (auto const& backup : **backups) facts.largest_backup = std::max(facts.largest_backup, backup.size_bytes);
}

task<void> HealthCheck::check_names(config::Config const& config, doctor::Findings& findings) {
    std::vector<std::pair<std::string, std::string>> names{{"SMB.Host", config.smb.host.host}};
    for (auto const& host : config.scale.hosts) names.emplace_back("Scale.Host", host.host);
    if (config.smtp) names.emplace_back("SMTP.Host", config.smtp->host);
    for (auto const& [key, name] : names) {
        doctor::NameFacts facts{key, name, hangs("the name service, asked for '" + name + "',")};
        auto const ask = [name = name] { return net::look_up(name); };
        auto asked = threads_.run(ask);
        auto found = co_await bounded_.run(name_check, answers_within, std::move(asked));
        if (found) facts.found = std::move(*found);
        findings.push_back(doctor::evaluate_name(facts));
    }
}

task<std::string> HealthCheck::resolved(std::string path) {
    auto const resolve = [path] { return real_path(path); };
    auto resolving = threads_.run(resolve);
    auto const real = co_await bounded_.run(path_check, answers_within, std::move(resolving));
    co_return real.value_or(path);
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
    auto path = co_await resolved(last_line);
    co_return path;
}

task<void> HealthCheck::check_share(config::Config const& config, std::optional<UtcTime> last_arrival,
                                    doctor::Findings& findings) {
    doctor::ShareFacts facts{config.smb.share_name, Error{Errc::not_found, ""}, config.smb.local_path.string(),
                             last_arrival};
    facts.path_by_samba = co_await path_by_samba(config.smb.share_name);
    facts.local_path = co_await resolved(facts.local_path);
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
        auto reaching = threads_.run(reach);
        auto reachable = co_await bounded_.run(mail_check, mail_answers_within, std::move(reaching));
        if (reachable) facts.reachable = std::move(*reachable);
        else facts.reachable = Error{Errc::timed_out, "'" + smtp.host + "' did not answer in time"};
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
    doctor::Findings of_backups;
    auto copy = config;
    auto local = co_await inspect_here(std::move(copy), std::move(config_warnings));
    co_await check_backups(local, of_backups);
    auto const status = co_await parts_.status();
    std::uint64_t reclaimable = 0;
    if (status) reclaimable = status->storage.reclaimable_bytes;
    if (local.space) local.space->free_bytes += reclaimable;
    auto findings = doctor::evaluate_local(local);
    findings.insert(findings.end(), of_backups.begin(), of_backups.end());

    if (reclaimable > 0)
        findings.push_back(doctor::good("trash", size_text(reclaimable) +
                                                     " of deleted backups count as free: they are removed when an "
                                                     "export needs the room"));

    co_await check_names(config, findings);
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
