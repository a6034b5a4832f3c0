#include "daemon/hypercore/failover.hpp"

#include "daemon/hypercore/node_replies.hpp"
#include "daemon/hypercore/reply.hpp"

#include <spdlog/spdlog.h>

namespace sb::hypercore {
namespace {

using net::Method;
using net::Sent;

/// What a gateway replies while the node behind it is away. A 503 may also mean an expired session.
bool is_a_gateways(net::HttpReply const& reply) {
    if (reply.status == 502 || reply.status == 504) return true;
    return reply.status == 503 && error_from(reply, Method::get, Scrubber()).code == Errc::unavailable;
}

NodeFault fault_in(net::ExchangeResult const& result) {
    if (!result) return fault_of(result.error().error.code);
    return is_a_gateways(*result) ? NodeFault::away : NodeFault::none;
}

std::string words_for(net::ExchangeResult const& result) {
    if (!result) return result.error().error.context;
    return "it answered " + std::to_string(result->status);
}

/// One error for all attempts. A transient one decides the code: then waiting is worthwhile.
net::ExchangeFailure together(std::vector<net::ExchangeFailure> failures) {
    auto all = std::move(failures.back());
    failures.pop_back();
    for (auto failure = failures.rbegin(); failure != failures.rend(); ++failure) {
        if (is_transient(failure->error.code) && !is_transient(all.error.code)) all.error.code = failure->error.code;
        all.error.context = failure->error.context + "; " + all.error.context;
        if (failure->sent == Sent::maybe) all.sent = Sent::maybe;
    }
    return all;
}

}  // namespace

Failover::Failover(std::vector<NodeAddress> nodes, ports::Time& time)
    : nodes_(std::move(nodes)), choice_(nodes_.size()), time_(time) {}

void Failover::note(std::size_t node, net::ExchangeResult const& result) {
    auto const fault = fault_in(result);
    auto const health_before = choice_.states()[node].health;
    if (fault == NodeFault::none) {
        if (!result) return;  // cancelled: it says nothing about the node
        bool const changes = node != choice_.present();
        choice_.worked(node);
        if (changes) spdlog::warn("cluster: node {} is now in use", nodes_[node].host);
        return;
    }
    choice_.failed(node, fault, words_for(result), time_.steady_now());
    bool const is_new = choice_.states()[node].health != health_before;
    if (is_new && nodes_.size() > 1)
        spdlog::warn("cluster: node {} skipped for now: {}", nodes_[node].host, words_for(result));
}

void Failover::note_date(net::HttpReply const& reply) {
    auto const date = parse_http_date(reply.date);
    if (date) latest_date_ = ports::ClusterDate{*date, time_.steady_now()};
}

net::ExchangeFailure Failover::explained(net::ExchangeFailure failure) const {
    if (nodes_.size() > 1)
        failure.error.context += "; no other of the " + std::to_string(nodes_.size()) +
                                 " nodes could be asked, 'scale-backupctl status' shows each";
    return failure;
}

task<net::ExchangeResult> Failover::exchange(net::HttpRequest request) {
    auto const deadline = time_.steady_now() + request.limit;
    std::set<std::size_t> tried;
    std::vector<net::ExchangeFailure> failures;
    auto node = choice_.next(tried, time_.steady_now());
    for (;;) {
        tried.insert(*node);
        auto const now = time_.steady_now();
        auto attempt = request;
        attempt.limit = deadline - now;
        bool const has_another = choice_.next(tried, now).has_value();
        auto const left = static_cast<std::int64_t>(nodes_.size() - tried.size() + 1);
        if (has_another && request.method == Method::get) attempt.limit /= left;
        auto result = co_await nodes_[*node].transport->exchange(std::move(attempt));
        note(*node, result);
        if (result) note_date(*result);
        auto const fault = fault_in(result);
        bool const may_go_on = request.method == Method::get || (!result && result.error().sent == Sent::no);
        auto const another = choice_.next(tried, time_.steady_now());
        bool const over = fault == NodeFault::none || !may_go_on || !another || time_.steady_now() >= deadline;
        if (over && (result || fault == NodeFault::none)) co_return std::move(result);
        if (!result) failures.push_back(result.error());
        if (over) co_return explained(together(std::move(failures)));
        node = another;
    }
}

net::Counters Failover::counters() const {
    net::Counters sum;
    for (auto const& node : nodes_) {
        auto const its = node.transport->counters();
        sum.connections += its.connections;
        sum.handshakes += its.handshakes;
        sum.resumed += its.resumed;
        sum.closed_by_server += its.closed_by_server;
        sum.requests += its.requests;
        sum.open += its.open;
    }
    return sum;
}

void Failover::close() {
    for (auto& node : nodes_) node.transport->close();
}

std::vector<ports::NodeReport> Failover::report() const {
    std::vector<ports::NodeReport> reports;
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        using Health = NodeState::Health;
        auto const& state = choice_.states()[i];
        ports::NodeReport report;
        report.host = nodes_[i].host;
        report.in_use = i == choice_.present();
        if (state.health != Health::untried) report.answers = state.health == Health::well;
        report.wrong_certificate = state.health == Health::wrong_certificate;
        report.problem = state.problem;
        reports.push_back(std::move(report));
    }
    return reports;
}

task<void> Failover::check_other_nodes() {
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        if (i == choice_.present()) continue;
        auto const reached = co_await nodes_[i].check();
        if (!reached && reached.error().code == Errc::cancelled) co_return;
        auto const before = choice_.states()[i].health;
        auto const fault = reached ? NodeFault::none : fault_of(reached.error().code);
        std::string const words = reached ? std::string() : reached.error().context;
        choice_.checked(i, fault, words, time_.steady_now());
        auto const after = choice_.states()[i].health;
        if (after != before && !reached) spdlog::warn("cluster: node {}: {}", nodes_[i].host, words);
        if (after != before && reached && before != NodeState::Health::untried)
            spdlog::info("cluster: node {} answers again", nodes_[i].host);
    }
}

}  // namespace sb::hypercore
