#pragma once
// The cluster's VMs. Callers at about the same time share one request: a list of a thousand VMs is megabytes, and jobs
// often start together.

#include "daemon/async/task.hpp"
#include "daemon/engine/condition_registry.hpp"
#include "daemon/engine/login_pause.hpp"
#include "daemon/ports/cluster.hpp"
#include "daemon/ports/time.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace sb::engine {

/// The result of the last call to the cluster.
struct Reachability {
    std::optional<bool> reachable;  ///< empty = not tried yet
    std::string error;
    std::optional<UtcTime> at;  ///< when that was found
};

class VmList {
public:
    using Vms = ports::Vms;

    VmList(asio::any_io_executor executor, ports::Cluster& cluster, ports::Time& time, ConditionRegistry& conditions)
        : executor_(executor), cluster_(cluster), time_(time), conditions_(conditions) {}

    /// A list that is no older than `max_age`. Callers at the same time share one request.
    task<Result<Vms>> get(Milliseconds max_age);
    /// The same for what repeats by the clock: while the login is refused, the cluster is asked after minutes, then
    /// hours (many wrong logins lock an account), and the refusal is returned meanwhile. Persons and jobs use the
    /// others.
    task<Result<Vms>> get_by_clock(Milliseconds max_age);
    /// For other requests that repeat by the clock, as the polls of running jobs: the refusal, while its pause lasts.
    /// Nothing lets one caller ask; the next pause begins with that. Report what the cluster answers below.
    std::optional<Error> login_refused_by_clock();
    /// The answer to such a request, an error or not. An accepted login ends the refusal, a refused one is one.
    template <class T>
    void note_login(Result<T> const& answer) {
        if (answer) note_reply();
        else if (answer.error().code == Errc::credentials_refused) note_failure(answer.error());
        else if (is_transient(answer.error().code)) try_again();  // it did not answer
    }
    /// A person's order: the next request is made, whatever was refused before.
    void try_again() { login_.try_again(); }
    /// A list that is requested after this call.
    task<Result<Vms>> fresh() { return get(requested_now); }
    /// The maximum age of such a list.
    static constexpr Milliseconds requested_now{-1};

    /// The known list may come from a cluster that is no longer configured.
    void forget() {
        newest_.reset();
        known_.reset();
        failure_.reset();
        ++forgotten_;
        login_.note_accepted();
    }

    /// Whether the newest list has a VM with this uuid.
    bool knows(std::string const& uuid) const {
        return newest_ && std::ranges::any_of(*newest_, [&](core::Vm const& vm) { return vm.uuid.text() == uuid; });
    }

    Reachability const& reachability() const { return reachability_; }

    /// The last list that the cluster gave, however long ago, and when.
    struct Known {
        Vms vms;
        UtcTime at;
    };
    std::optional<Known> const& known() const { return known_; }

private:
    task<Result<Vms>> fetch();
    void note_answer();
    void note_reply();
    void note_failure(Error const& error);

    asio::any_io_executor executor_;
    ports::Cluster& cluster_;
    ports::Time& time_;
    ConditionRegistry& conditions_;
    std::optional<Vms> newest_;  ///< nothing: the last request failed
    std::optional<Known> known_;
    SteadyTime fetched_at_{};
    struct Failure {
        Error error;
        SteadyTime at;
    };
    std::optional<Failure> failure_;  ///< of the last request, if it failed
    bool fetching_ = false;
    unsigned forgotten_ = 0;  ///< how often forget() was called
    std::vector<asio::steady_timer*> waiting_;
    Reachability reachability_;
    LoginPause login_;
};

/// The VM with this uuid, or the only VM with this name. The messages of `not_found` and `ambiguous_name` say what to
/// do.
Result<core::Vm> find_vm(std::vector<core::Vm> const& vms, std::string const& name_or_uuid);

}  // namespace sb::engine
