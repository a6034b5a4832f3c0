#include "daemon/app/unread_storage.hpp"

#include "common/rpc/methods.hpp"

#include <algorithm>
#include <array>

namespace sb::app {

bool needs_no_storage(std::string_view method) {
    using namespace rpc;
    using Answered = TypeList<Version, Status, CheckHealth, Reload, TestMail,  // the daemon
                              ListVms, ShowDisks,                              // the cluster
                              ListJobs, CancelJob, SubscribeJobs,              // jobs
                              PauseSchedule, ListRuns, GetRun,                 // the schedule
                              GetOperation, CancelOperation>;                  // disks
    static constexpr auto answered = names_of(Answered());
    return std::ranges::find(answered, method) != answered.end();
}

std::string unread_storage_text(UtcTime since) {
    return "the daemon has been reading LocalPath since its start, " + format_rfc3339(since) +
           ": a call into it has not returned. Until then nothing is ordered or deleted; exports that run at the "
           "cluster are followed";
}

Error storage_not_read_yet(UtcTime since) {
    return {Errc::refused, unread_storage_text(since) +
                               ". Check the disk or the share of LocalPath: 'scale-backupctl status' shows what hangs. "
                               "Then try again"};
}

}  // namespace sb::app
