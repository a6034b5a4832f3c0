#pragma once
// Changes of jobs as they arrive, across restarts of the daemon: jobs continue without the client, so it reconnects.

#include "ctl/client.hpp"
#include "ctl/session.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sb::ctl {

class JobFeed {
public:
    using Notice = std::function<void(std::string const&)>;

    /// `job` 0 = all jobs. `notice` is called when the connection is lost and when it is restored.
    JobFeed(Session& session, std::unique_ptr<Client> client, JobId job, Notice notice);

    struct Update {
        std::vector<rpc::JobInfo> jobs;
        bool complete = false;  ///< the present state of everything followed, not only what changed
    };

    /// Subscribes; the present state.
    task<Result<Update>> begin();
    /// The next change. After a lost connection it reconnects (Session::retry) and returns the present state;
    /// daemon_unreachable if that fails.
    task<Result<Update>> next();

    Client& client() { return *client_; }

private:
    task<Result<Update>> reconnect(Error cause);

    Session& session_;
    std::unique_ptr<Client> client_;
    JobId job_;
    Notice notice_;
};

}  // namespace sb::ctl
