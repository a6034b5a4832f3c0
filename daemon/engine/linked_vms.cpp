#include "daemon/engine/linked_vms.hpp"

#include "common/text/shell_word.hpp"

#include <unordered_set>
#include <utility>

namespace sb::engine {

using namespace core;

task<Result<void>> LinkedVms::load() {
    if (is_loaded_) co_return boost::system::in_place_value;
    auto const recorded = co_await journal_.vm_links();
    if (!recorded) co_return while_doing(recorded.error(), "reading which VM continues which earlier one");
    // What was added meanwhile is in the journal, and here.
    if (!std::exchange(is_loaded_, true)) links_ = VmLinks(*recorded);
    co_return boost::system::in_place_value;
}

task<Result<VmLinks>> LinkedVms::all() {
    auto const loaded = co_await load();
    if (!loaded) co_return loaded.error();
    co_return links_;
}

task<Result<VmLinks>> LinkedVms::in_effect(std::vector<Vm> living, std::string cluster_uuid) {
    auto const loaded = co_await load();
    if (!loaded) co_return loaded.error();
    std::unordered_set<VmUuid> uuids;
    for (auto const& vm : living) uuids.insert(vm.uuid);
    auto in_effect = links_.in_effect(uuids, cluster_uuid);
    if (!uuids.empty()) last_in_effect_ = in_effect;
    co_return in_effect;
}

task<Result<void>> LinkedVms::add(VmLink link) {
    auto const loaded = co_await load();
    if (!loaded) co_return loaded.error();
    auto tried = links_;
    if (!tried.add(link))
        co_return Error{Errc::refused,
                        "VM " + link.later.text() + " is itself continued by VM " + link.earlier.text() +
                            "; to change that: " + suggested_command("link --undo", {link.later.text()})};
    auto const recorded = co_await journal_.add_vm_link(link);
    if (!recorded) co_return recorded.error();
    links_.add(std::move(link));
    co_return boost::system::in_place_value;
}

task<Result<void>> LinkedVms::remove(VmUuid earlier) {
    auto const loaded = co_await load();
    if (!loaded) co_return loaded.error();
    if (links_.find(earlier) == nullptr)
        co_return Error{Errc::not_found,
                        "there is no link of VM " + earlier.text() + "; scale-backupctl link lists all"};
    auto const recorded = co_await journal_.forget_vm_link(earlier);
    if (!recorded) co_return recorded.error();
    links_.remove(earlier);
    co_return boost::system::in_place_value;
}

void LinkedVms::note(Job const& job) {
    bool const is_sure = job.outcome == Outcome::succeeded;
    if (job.kind != JobKind::restore || (!is_sure && job.outcome != Outcome::lost)) return;
    std::erase_if(restored_, [&](Restored const& known) {
        return job.vm.empty() ? known.vm.empty() && known.vm_name == job.vm_name : known.vm == job.vm;
    });
    if (restored_.size() >= most_restores) restored_.erase(restored_.begin());
    restored_.push_back({job.vm, job.backup, is_sure, job.vm_name});
}

}  // namespace sb::engine
