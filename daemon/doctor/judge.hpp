#pragma once
// From facts to findings. Pure: what is asked of the world is asked elsewhere.

#include "daemon/doctor/facts.hpp"
#include "daemon/doctor/finding.hpp"

namespace sb::doctor {

Findings judge_local(LocalFacts const& facts);
Finding judge_share(ShareFacts const& facts);
Finding judge_name(NameFacts const& facts);
/// Connection, pin and log-in; clock; rights. The names of rights are the cluster's and differ between versions, so a
/// right that is not found is a warning, never a failure.
Findings judge_node(NodeFacts const& facts);
Finding judge_mail(MailFacts const& facts);
Findings judge_schedule(ScheduleFacts const& facts);

}  // namespace sb::doctor
