#pragma once
// Which cluster the configured one is: asked at the start, after a reload, when another node is used, hourly, and
// before each decision that depends on it. What was learned is in the journal, so that a start without the cluster
// knows it, too.

#include "daemon/async/async_mutex.hpp"
#include "daemon/core/cluster_origin.hpp"
#include "daemon/engine/condition_registry.hpp"
#include "daemon/ports/cluster.hpp"
#include "daemon/ports/journal.hpp"
#include "daemon/ports/time.hpp"

#include <functional>
#include <optional>
#include <string>

namespace sb::engine {

class ClusterIdentityWatch {
public:
    struct Dependencies {
        ports::Cluster& cluster;
        ports::Journal& journal;
        ports::Time& time;
        ConditionRegistry& conditions;
        /// It is another cluster than it was: copies that counted may not count any longer, and the other way round.
        std::function<void()> changed = [] {};
    };

    explicit ClusterIdentityWatch(Dependencies dependencies) : dependencies_(std::move(dependencies)) {}

    /// Reads what was recorded. Call it before anything else.
    task<Result<void>> load();
    /// Runs forever; ends when cancelled.
    task<void> run();
    /// Asks the cluster if its last answer is older than `max_age` or came from another node. While it does not answer,
    /// it is asked once a minute. Call it before a decision that depends on the identity: behind the same host there
    /// may be another cluster by now.
    task<void> check(Milliseconds max_age);
    /// After a reload: other hosts may be another cluster.
    void configured();

    core::PresentCluster present() const;
    /// No answer is known from any configured host: neither which cluster it is, nor that it does not tell.
    bool is_unanswered() const { return !is_known_of(hosts()); }
    /// The same, as a job notes it.
    core::ClusterId id() const;
    core::ClusterOrigin origin_of(core::ClusterId const& cluster) const { return core::origin_of(cluster, present()); }

private:
    std::vector<std::string> hosts() const;
    bool is_known_of(std::vector<std::string> const& hosts) const;
    bool is_time_to_ask(Milliseconds max_age) const;
    task<void> ask();
    task<void> learn(std::string uuid, std::string name);
    void explain_unknown(std::string const& why);

    Dependencies dependencies_;
    core::PresentCluster known_;  ///< uuid and name apply while one of its hosts is configured
    std::string asked_host_;      ///< the node that the last answer came from
    std::optional<SteadyTime> asked_at_;
    bool has_answered_ = false;  ///< when it was asked last
    AsyncMutex mutex_;           ///< one question at a time; those who wait use its answer
};

}  // namespace sb::engine
