#pragma once
// Changes of jobs as they come, across restarts of the daemon: the jobs go on without us, so we come back.

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

    /// `job` 0 = all jobs. `notice` is told of lost and found connections.
    JobFeed(Session& session, std::unique_ptr<Client> client, JobId job, Notice notice);

    struct News {
        std::vector<rpc::JobInfo> jobs;
        bool whole = false;  ///< the present state of everything followed, not only what changed
    };

    /// Subscribes; the present state.
    task<Result<News>> begin();
    /// The next change. After a lost connection it reconnects for a while (Session::patience) and gives the
    /// present state; daemon_unreachable if that does not work.
    task<Result<News>> next();

    Client& client() { return *client_; }

private:
    task<Result<News>> come_back(Error cause);

    Session& session_;
    std::unique_ptr<Client> client_;
    JobId job_;
    Notice notice_;
};

}  // namespace sb::ctl
