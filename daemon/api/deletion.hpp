#pragma once
// Whether a person may delete one backup. Pure. What the rules delete is decided in core/retention.hpp; a person may
// delete more, but not what is protected, not a copy of another cluster by mistake, and the last good copy of a VM that
// still exists only with a confirmation.

#include "common/error.hpp"
#include "daemon/core/cluster_origin.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/core/vm_links.hpp"
#include "daemon/ports/cluster.hpp"

#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace sb::api {

struct DeletionOrder {
    std::string backup;
    bool confirmed = false;
    std::string cluster;  ///< name, uuid or host of the other cluster that surely made it; empty = the configured one
                          ///< did, or may have
};

/// What was found directly before.
struct DeletionFacts {
    core::Backup backup;            ///< the one to delete
    std::vector<core::Backup> all;  ///< every folder
    core::PresentCluster present;
    core::VmLinks links{};  ///< those in effect: the copies of a VM that another one continues are that one's
    std::string possible_successor{};  ///< which VM may continue its VM, which is gone; empty = none
    /// As RetentionFacts::existing, so that a VM counts as deleted by the same evidence; nothing = every VM may exist.
    std::optional<std::unordered_set<VmUuid>> existing{};
    Result<ports::Vms> vms = Error{Errc::unreachable, "it was not asked"};  ///< an error: every VM counts as existing
};

/// Whether `text` names this cluster: its name, uuid or host, without regard to case.
bool is_cluster(core::ClusterId const& cluster, std::string const& text);

/// Why a backup does not count as a backup of its VM, for people; empty = it does. `all`: every folder.
std::string why_not_counted(core::Backup const& backup, std::vector<core::Backup> const& all,
                            core::PresentCluster const& present);

/// `refused`: to accept it as complete would change nothing, because something else keeps it from counting.
Result<void> check_acceptance(core::Backup backup, std::vector<core::Backup> const& all,
                              core::PresentCluster const& present);

/// `refused`: it has no manifest, is protected, or another cluster made it than the order says; a copy that may be of
/// the configured cluster counts as its own. `confirmed` changes none of that.
Result<void> check_order(DeletionOrder const& order, DeletionFacts const& facts);

/// Whether another copy of its VM has to be there: the VM, or the one that continues it, may exist, or it is not known
/// whose VM it is, and there is no confirmation.
bool needs_another_copy(DeletionOrder const& order, DeletionFacts const& facts);
/// The other good copies of its VM, newest first: complete, surely of the configured cluster, made by a job or adopted
/// (anyone may have planted one that was only checked after the journal was lost), the end of their export is known,
/// and their folder was not renamed or copied by hand: a copy may be the same files. Those of linked VMs only if the VM
/// that it was made of is surely deleted: a link may end, and each VM has its own copies then.
std::vector<core::Backup> other_good_copies(DeletionFacts const& facts);
/// What to answer if none of them can be used. `why`: of the last one that was tried; empty = there is none.
Error last_good_copy(DeletionOrder const& order, DeletionFacts const& facts, std::string const& why);

}  // namespace sb::api
