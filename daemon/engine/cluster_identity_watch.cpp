#include "daemon/engine/cluster_identity_watch.hpp"

#include "common/text/ascii.hpp"
#include "daemon/engine/repeat.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string_view>
#include <utility>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

constexpr auto identity_fact = "cluster_identity";
constexpr auto ask_identity_every = 1h;
constexpr auto ask_again_after = 1min;

/// "uuid …", "name …", and a line "host …" for each.
std::string identity_text(PresentCluster const& cluster) {
    auto text = "uuid " + cluster.uuid + "\nname " + cluster.name + "\n";
    for (auto const& host : cluster.hosts) text += "host " + host + "\n";
    return text;
}

PresentCluster parse_identity(std::string_view text) {
    PresentCluster cluster;
    while (!text.empty()) {
        auto const line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(line.size() + 1, text.size()));
        if (line.starts_with("uuid ")) cluster.uuid = line.substr(5);
        else if (line.starts_with("name ")) cluster.name = line.substr(5);
        else if (line.starts_with("host ")) cluster.hosts.emplace_back(line.substr(5));
    }
    return cluster;
}

}  // namespace

task<Result<void>> ClusterIdentityWatch::load() {
    auto const recorded = co_await dependencies_.journal.fact(identity_fact);
    if (!recorded) co_return recorded.error();
    if (*recorded) known_ = parse_identity(**recorded);
    co_return boost::system::in_place_value;
}

std::vector<std::string> ClusterIdentityWatch::hosts() const {
    std::vector<std::string> all;
    for (auto const& node : dependencies_.cluster.nodes()) all.push_back(node.host);
    auto const used = dependencies_.cluster.host();
    if (std::ranges::find(all, used) == all.end()) all.push_back(used);
    return all;
}

bool ClusterIdentityWatch::is_known_of(std::vector<std::string> const& hosts) const {
    return std::ranges::any_of(hosts, [&](std::string const& host) {
        return std::ranges::any_of(known_.hosts,
                                   [&](std::string const& known) { return equal_ignoring_case(known, host); });
    });
}

PresentCluster ClusterIdentityWatch::present() const {
    PresentCluster cluster;
    cluster.hosts = hosts();
    if (!is_known_of(cluster.hosts)) return cluster;
    cluster.uuid = known_.uuid;
    cluster.name = known_.name;
    return cluster;
}

ClusterId ClusterIdentityWatch::id() const {
    auto const cluster = present();
    return {cluster.uuid, cluster.name, dependencies_.cluster.host()};
}

void ClusterIdentityWatch::configured() {
    asked_at_.reset();
    has_answered_ = false;
    dependencies_.changed();
}

bool ClusterIdentityWatch::is_time_to_ask(Milliseconds max_age) const {
    if (!asked_at_) return true;
    auto const waited = dependencies_.time.steady_now() - *asked_at_;
    if (!has_answered_) return waited >= ask_again_after;
    return waited > max_age || asked_host_ != dependencies_.cluster.host();
}

/// Copies then count by their host, which is right unless a cluster was replaced by another one at the same address.
void ClusterIdentityWatch::explain_unknown(std::string const& why) {
    auto const& standing = dependencies_.conditions.all();
    if (std::ranges::find(standing, ConditionKind::cluster_identity_unknown, &Condition::kind) == standing.end())
        spdlog::warn("the cluster does not say which one it is: {}", why);
    dependencies_.conditions.raise(ConditionKind::cluster_identity_unknown, why);
}

task<void> ClusterIdentityWatch::learn(std::string uuid, std::string name) {
    auto const before = present();
    PresentCluster now{std::move(uuid), std::move(name), before.hosts};
    if (now == known_) co_return;
    known_ = now;
    if (before.uuid != now.uuid) {
        if (before.uuid.empty()) spdlog::info("the cluster is {} ({})", now.name, now.uuid);
        else if (!now.uuid.empty())
            spdlog::warn(
                "the cluster at {} is now {} ({}), not {} ({}) any longer: copies of that one are kept and count for "
                "nothing",
                now.hosts.front(), now.name, now.uuid, before.name, before.uuid);
        dependencies_.changed();
    }
    auto text = identity_text(now);
    auto const saved = co_await dependencies_.journal.set_fact(identity_fact, std::move(text));
    if (!saved) spdlog::warn("the cluster's identity could not be recorded: {}", saved.error().context);
}

task<void> ClusterIdentityWatch::check(Milliseconds max_age) {
    auto const lock = co_await mutex_.lock();
    if (is_time_to_ask(max_age)) co_await ask();
}

task<void> ClusterIdentityWatch::ask() {
    asked_at_ = dependencies_.time.steady_now();
    auto const asked_of = dependencies_.cluster.present();
    auto const answer = co_await dependencies_.cluster.identity();
    // A reload came meanwhile: the answer is the earlier cluster's.
    if (asked_of != dependencies_.cluster.present()) {
        asked_at_.reset();
        co_return;
    }
    has_answered_ = answer || (!is_transient(answer.error().code) && answer.error().code != Errc::cancelled);
    if (!has_answered_) {  // what is known still applies
        if (is_unanswered()) explain_unknown("it has not answered yet: " + answer.error().context);
        co_return;
    }
    asked_host_ = dependencies_.cluster.host();
    if (answer && !answer->uuid.empty()) dependencies_.conditions.clear(ConditionKind::cluster_identity_unknown);
    else if (answer) explain_unknown("its answer to GET /Cluster has no uuid");
    else explain_unknown(answer.error().context);
    // The one that was known may be another one by now.
    auto uuid = answer ? answer->uuid : std::string();
    auto name = answer ? answer->name : std::string();
    co_await learn(std::move(uuid), std::move(name));
}

task<void> ClusterIdentityWatch::run() {
    auto turn = [this] { return check(ask_identity_every); };
    return repeat(dependencies_.time, ask_again_after, "asking the cluster which one it is", std::move(turn));
}

}  // namespace sb::engine
