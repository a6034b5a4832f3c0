#pragma once
// Turns facts into findings. Pure: other code collects the facts.

#include "daemon/doctor/facts.hpp"
#include "daemon/doctor/finding.hpp"

namespace sb::doctor {

Findings evaluate_local(LocalFacts const& facts);
Finding evaluate_share(ShareFacts const& facts);
Finding evaluate_name(NameFacts const& facts);
/// Connection, pin and login; clock; rights. The cluster names them, and the names differ between versions, so a
/// missing one is a warning, never an error.
Findings evaluate_node(NodeFacts const& facts);
Finding evaluate_mail(MailFacts const& facts);
Findings evaluate_schedule(ScheduleFacts const& facts);

}  // namespace sb::doctor
