#include "daemon/api/link_handlers.hpp"

#include "common/text/shell_word.hpp"
#include "daemon/api/vms_for.hpp"
#include "daemon/core/possible_links.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace sb::api {
namespace {

using control::Caller;
using control::SharedReply;

struct Known {
    core::LinkFacts facts;
    core::VmLinks all;  ///< also those that have no effect now
    std::string cluster_uuid;
};

/// Read from the cluster, the disk and the journal at this moment.
task<Result<Known>> gather(LinkParts const& parts, control::Rank rank = control::Rank::admin) {
    auto vms = co_await vms_for(rank, parts.engine);
    if (!vms) co_return vms.error();
    if (!vms->complete)
        co_return Error{Errc::refused,
                        "a record in the cluster's list of VMs cannot be read, so it is not known which VMs are gone; "
                        "see scale-backupctl doctor"};
    auto backups = co_await parts.engine.list_backups();
    if (!backups) co_return backups.error();
    auto all = co_await parts.scheduler.links().all();
    if (!all) co_return all.error();
    auto const present = parts.engine.identity().present();
    std::vector<core::Vm> living = *vms;
    auto in_effect = co_await parts.scheduler.links().in_effect(std::move(living), present.uuid);
    if (!in_effect) co_return in_effect.error();
    Known known;
    known.all = std::move(*all);
    known.cluster_uuid = present.uuid;
    known.facts.links = std::move(*in_effect);
    known.facts.vms = std::move(*vms);
    known.facts.restored = parts.scheduler.links().restored();
    auto work = [known = std::move(known), backups = std::move(*backups), present]() mutable {
        for (auto const& backup : backups) {
            auto stored = core::stored_of(backup, present);
            core::use_link(stored, known.facts.links);
            known.facts.backups.push_back(std::move(stored));
        }
        return std::move(known);
    };
    co_return co_await parts.long_calls.list_threads.run(std::move(work));
}

/// As its newest copy calls it, or called it when it was linked.
std::string earlier_name(core::VmLink const& link, core::LinkFacts const& facts) {
    auto name = core::name_of_vm(facts.backups, link.earlier);
    return name.empty() ? link.earlier_name : name;
}

rpc::LinkInfo link_info(core::VmLink const& link, core::LinkFacts const& facts) {
    rpc::LinkInfo info;
    info.earlier = earlier_name(link, facts);
    info.earlier_uuid = link.earlier.text();
    auto const later = std::ranges::find(facts.vms, link.later, &core::Vm::uuid);
    if (later != facts.vms.end()) info.later = later->name;
    info.later_uuid = link.later.text();
    info.since = link.since;
    info.backups = static_cast<std::uint64_t>(core::count_copies(facts.backups, link.earlier));
    info.in_effect = facts.links.find(link.earlier) != nullptr;
    return info;
}

rpc::PossibleLinkInfo possible_link_info(core::PossibleLink const& possible) {
    rpc::PossibleLinkInfo info;
    info.earlier = possible.earlier_name;
    info.earlier_uuid = possible.earlier.text();
    info.later = possible.later_name;
    info.later_uuid = possible.later.text();
    info.backups = static_cast<std::uint64_t>(possible.copies);
    info.reason = core::text_of(possible);
    return info;
}

task<Result<SharedReply<rpc::ListLinks>>> list_links_now(LinkParts const& parts, control::Rank rank) {
    auto known = co_await gather(parts, rank);
    if (!known) co_return known.error();
    auto work = [known = std::move(*known)] {
        rpc::ListLinks::Reply reply;
        for (auto const& link : known.all.all()) reply.links.push_back(link_info(link, known.facts));
        for (auto const& possible : core::possible_links(known.facts))
            reply.possible.push_back(possible_link_info(possible));
        return reply;
    };
    co_return co_await reply_on<rpc::ListLinks>(parts.long_calls.list_threads, std::move(work));
}

task<Result<SharedReply<rpc::ListLinks>>> list_links(LinkParts const& parts, Caller caller) {
    auto const rank = caller.rank;
    auto work = [&parts, rank](StopFlag) { return list_links_now(parts, rank); };
    std::string whole = goes_first(caller) ? "with a login" : "without";
    co_return co_await parts.long_calls.links.run(std::move(whole), caller.departure, std::move(work),
                                                  goes_first(caller));
}

/// The links of earlier VMs with this name.
std::vector<core::VmLink> links_named(Known const& known, std::string const& name) {
    std::vector<core::VmLink> named;
    for (auto const& link : known.all.all())
        if (earlier_name(link, known.facts) == name) named.push_back(link);
    return named;
}

/// Of a VM that is linked already, its link knows the name when its copies are gone.
Result<VmUuid> find_earlier(Known const& known, std::string const& name_or_uuid) {
    auto const found = core::find_earlier_vm(known.facts, name_or_uuid);
    if (found || found.error().code == Errc::ambiguous_name) return found;
    auto const named = links_named(known, name_or_uuid);
    auto const earlier = named.size() == 1 ? named.front().earlier : VmUuid(name_or_uuid);
    bool const is_linked = known.facts.links.find(earlier) != nullptr;  // so it does not exist
    return is_linked ? Result<VmUuid>(earlier) : found;
}

/// A link that stands already is no error; another one has to be ended first.
Result<core::VmLink> judge(Known const& known, rpc::AddLink::Params const& params) {
    auto const earlier = find_earlier(known, params.earlier);
    if (!earlier) return earlier.error();
    core::VmLink link;
    link.earlier = *earlier;
    link.cluster_uuid = known.cluster_uuid;
    link.earlier_name = core::name_of_vm(known.facts.backups, link.earlier);
    if (auto const* const linked = known.all.find(link.earlier); linked != nullptr && link.earlier_name.empty())
        link.earlier_name = linked->earlier_name;
    if (!params.later.empty()) {
        auto const later = engine::find_vm(known.facts.vms, params.later);
        if (!later) return later.error();
        link.later = later->uuid;
    }
    auto const* const before = known.facts.links.find(link.earlier);
    if (before == nullptr || before->later.empty() || before->later == link.later) return link;
    return Error{Errc::refused, "VM " + link.earlier.text() + " is already continued by VM " + before->later.text() +
                                    "; to end that: " + suggested_command("link --undo", {link.earlier.text()})};
}

/// Retention and the schedule are asked again, and the conditions follow.
task<void> links_changed(LinkParts const& parts) {
    parts.backups_changed();
    parts.scheduler.check_again();
    if (parts.scheduler.why_no_schedule()) co_return;
    auto const gathered = co_await parts.scheduler.gather();
    if (!gathered) spdlog::warn("{}", gathered.error().context);
}

task<Result<rpc::AddLink::Reply>> add_link(LinkParts const& parts, rpc::AddLink::Params params) {
    auto known = co_await gather(parts);
    if (!known) co_return known.error();
    auto link = judge(*known, params);
    if (!link) co_return link.error();
    link->since = parts.time.now();
    auto recorded = *link;
    auto const added = co_await parts.scheduler.links().add(std::move(recorded));
    if (!added) co_return added.error();
    co_await links_changed(parts);
    if (link->later.empty()) spdlog::info("VM {} is not continued by another one, as requested", link->earlier.text());
    else spdlog::info("VM {} is continued by VM {}, as requested", link->earlier.text(), link->later.text());
    known->facts.links.add(*link);
    rpc::AddLink::Reply reply;
    reply.link = link_info(*link, known->facts);
    co_return reply;
}

/// By uuid, or by the name of an earlier VM that is the only linked one with it.
Result<core::VmLink> find_link(Known const& known, std::string const& name_or_uuid) {
    if (auto const* const link = known.all.find(VmUuid(name_or_uuid))) return *link;
    auto const named = links_named(known, name_or_uuid);
    if (named.size() == 1) return named.front();
    if (named.empty())
        return Error{Errc::not_found,
                     "there is no link of a VM '" + name_or_uuid + "'; scale-backupctl link lists all"};
    std::string list;
    for (auto const& link : named) list += "\n  " + link.earlier.text();
    return Error{Errc::ambiguous_name,
                 "several linked VMs were named '" + name_or_uuid + "'; choose one by its uuid:" + list};
}

task<Result<rpc::RemoveLink::Reply>> remove_link(LinkParts const& parts, rpc::RemoveLink::Params params) {
    auto const known = co_await gather(parts);
    if (!known) co_return known.error();
    auto const link = find_link(*known, params.earlier);
    if (!link) co_return link.error();
    auto earlier = link->earlier;
    auto const removed = co_await parts.scheduler.links().remove(std::move(earlier));
    if (!removed) co_return removed.error();
    co_await links_changed(parts);
    spdlog::info("the link of VM {} was ended, as requested", link->earlier.text());
    rpc::RemoveLink::Reply reply;
    reply.link = link_info(*link, known->facts);
    co_return reply;
}

}  // namespace

void register_link_handlers(control::Server& server, LinkParts const& parts) {
    server.on_shared<rpc::ListLinks>(
        [&parts](rpc::ListLinks::Params, Caller caller) { return list_links(parts, std::move(caller)); });
    server.on<rpc::AddLink>(
        [&parts](rpc::AddLink::Params params, Caller) { return add_link(parts, std::move(params)); });
    server.on<rpc::RemoveLink>(
        [&parts](rpc::RemoveLink::Params params, Caller) { return remove_link(parts, std::move(params)); });
}

}  // namespace sb::api
