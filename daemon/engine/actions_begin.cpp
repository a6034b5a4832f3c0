// Before and at the POST: everything that can be checked is checked before anything is sent.
#include "daemon/core/resolve.hpp"
#include "daemon/engine/actions.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace sb::engine {

using namespace core;

task<Event> Actions::perform(Action action, LiveJob& live) {
    bool const backup = live.job.kind == JobKind::backup;
    auto const pre_hook = backup ? HookKind::pre_backup : HookKind::pre_restore;
    auto const post_hook = backup ? HookKind::post_backup : HookKind::post_restore;
    switch (action) {
        case Action::prepare:
            if (backup) co_return co_await prepare_backup(live);
            co_return co_await prepare_restore(live);
        case Action::run_pre_hook: co_return co_await run_hook(live, pre_hook);
        case Action::run_post_hook: co_return co_await run_hook(live, post_hook);
        case Action::post:
            if (backup) co_return co_await post_export(live);
            co_return co_await post_import(live);
        case Action::resolve: co_return co_await resolve(live);
        case Action::poll: co_return co_await follow(live);
        case Action::inspect:
            if (backup) co_return co_await inspect_backup(live);
            co_return co_await inspect_restore(live);
        case Action::commit: co_return co_await commit(live);
        case Action::discard: co_return co_await discard(live);
        case Action::none:
        case Action::wait_for_slot:
        case Action::finish: break;
    }
    throw std::logic_error("an action of the runner");
}

task<void> Actions::sleep(Milliseconds length) {
    auto const wake = dependencies_.time.steady_now() + length;
    co_await dependencies_.time.sleep_until(wake);
}

/// A LocalPath that is read-only takes no manifest: the export would be for nothing.
task<Result<void>> Actions::can_write() {
    auto const tested = co_await dependencies_.catalog.probe();
    if (!tested) co_return while_doing(tested.error(), "testing whether LocalPath can be written");
    co_return boost::system::in_place_value;
}

namespace {

/// Nothing was sent, and the reason is not the VM's. A scheduled job is withdrawn, so that no pause after a failure
/// keeps the schedule from ordering it again as soon as the reason has ended.
Event not_ordered(Job const& job, Error why) {
    if (!job.scheduled) return Failed{std::move(why)};
    return Withdrawn{Error{Errc::cancelled, "it was not ordered: " + why.context}};
}

}  // namespace

task<Event> Actions::prepare_backup(LiveJob& live) {
    auto const cluster = co_await join_cluster(live);
    auto const vms = co_await dependencies_.vms.get(limits_.vm_list_age);
    if (!vms) co_return Failed{while_doing(vms.error(), "listing the VMs")};
    auto const found = std::ranges::find_if(*vms, [&](Vm const& vm) { return vm.uuid == live.job.vm; });
    if (found == vms->end()) {
        Error gone{Errc::not_found,
                   "VM " + live.job.vm_name + " (" + live.job.vm.text() + ") no longer exists at the cluster"};
        co_return Failed{std::move(gone)};
    }
    auto unwanted = dependencies_.why_unwanted(live.job, *found);
    if (unwanted) co_return Withdrawn{std::move(unwanted)};
    auto const name_is_free = co_await dependencies_.catalog.check_new_name(live.job.backup);
    if (!name_is_free) co_return Failed{name_is_free.error()};

    auto const storage = co_await dependencies_.check_storage();
    if (!storage) co_return Failed{storage.error()};
    auto const may_order = co_await dependencies_.gate.check();
    if (!may_order) co_return not_ordered(live.job, may_order.error());
    auto const expected = co_await dependencies_.check_space(live.job, found->disks);
    if (!expected) co_return Failed{expected.error()};
    auto const is_idle = co_await dependencies_.check_not_exporting(live.job, *found);
    if (!is_idle) co_return Failed{is_idle.error()};
    auto const writable = co_await can_write();
    if (!writable) co_return Failed{writable.error()};
    auto const attempt = co_await dependencies_.catalog.new_attempt(live.job.backup);
    if (!attempt) co_return Failed{attempt.error()};

    live.vm_tags = found->tags;
    Prepared prepared;
    prepared.expected_bytes = *expected;
    prepared.vm = found->uuid;
    prepared.vm_name = found->name;
    prepared.attempt = *attempt;
    // HyperCore's default is the folder's name: once the folder has the backup's, a plain import needs no parameters.
    prepared.definition_file = live.job.backup + ".xml";
    prepared.cluster = cluster;
    prepared.disks = found->disks;
    prepared.tag_before = highest_tag(*vms);
    prepared.pre_hook = dependencies_.hooks.is_set(HookKind::pre_backup);
    bool const delayed = live.job.scheduled && dependencies_.hooks.delays_post_backup();
    bool const has_hook = dependencies_.hooks.is_set(HookKind::post_backup);
    prepared.post_hook = has_hook && !delayed;
    prepared.delayed_hook = has_hook && delayed;
    co_return prepared;
}

/// Anyone who can write to the share may have changed them since they were verified. A forced restore takes what is
/// there, and says what is wrong with it.
task<Result<void>> Actions::check_structure(LiveJob& live) {
    auto const whole = co_await dependencies_.check_structure(live);
    if (whole || !live.job.forced || live.job.cancel_requested) co_return whole;
    auto warning = "restored because of --force, although: " + whole.error().context;
    spdlog::warn("job {}: {}", live.job.id, warning);
    live.job.warnings.push_back(std::move(warning));
    co_return boost::system::in_place_value;
}

task<Event> Actions::prepare_restore(LiveJob& live) {
    auto const cluster = co_await join_cluster(live);
    auto const may_order = co_await dependencies_.gate.check_restore();
    if (!may_order) co_return Failed{may_order.error()};
    auto const backup = co_await dependencies_.catalog.find(live.job.backup);
    if (!backup) co_return Failed{backup.error()};
    // The damage may have been found while the job waited.
    if (backup->state == BackupState::damaged && !live.job.forced) {
        Error error{Errc::damaged_backup, "backup '" + live.job.backup + "' is damaged: " + backup->problem};
        co_return Failed{std::move(error)};
    }
    auto const whole = co_await check_structure(live);
    if (live.job.cancel_requested) co_return Withdrawn{};
    if (!whole) co_return Failed{while_doing(whole.error(), "checking the files before the import")};
    auto const vms = co_await dependencies_.vms.fresh();
    if (!vms) co_return Failed{while_doing(vms.error(), "listing the VMs")};
    auto const taken = std::ranges::any_of(*vms, [&](Vm const& vm) { return vm.name == live.job.vm_name; });
    if (taken) {
        Error error{Errc::name_in_use,
                    "the cluster already has a VM named '" + live.job.vm_name + "'; choose another name"};
        co_return Failed{std::move(error)};
    }
    Prepared prepared;
    prepared.cluster = cluster;
    prepared.vm_name = live.job.vm_name;
    prepared.definition_file = live.job.definition_file;
    prepared.tag_before = highest_tag(*vms);
    prepared.pre_hook = dependencies_.hooks.is_set(HookKind::pre_restore);
    prepared.post_hook = dependencies_.hooks.is_set(HookKind::post_restore);
    if (backup->manifest) {
        prepared.definition_file = backup->manifest->definition_file;
        prepared.disks = backup->manifest->disks;
    }
    co_return prepared;
}

task<Event> Actions::run_hook(LiveJob& live, HookKind kind) {
    ports::HookVariables variables{live.job.vm_name, live.job.backup};
    HookDone done;
    done.problem = co_await dependencies_.hooks.run(kind, std::move(variables));
    done.veto = !done.problem.empty() && kind == HookKind::pre_backup && dependencies_.hooks.pre_backup_must_succeed();
    if (!done.problem.empty()) spdlog::warn("job {}: {}", live.job.id, done.problem);
    co_return done;
}

namespace {

Event event_of(Result<ports::OrderAccepted> const& answer) {
    if (answer) return Accepted{answer->tag, answer->created};
    bool const in_doubt = answer.error().code == Errc::outcome_unknown || answer.error().code == Errc::maybe_rejected;
    if (in_doubt) return PostLost{answer.error()};
    return Failed{answer.error()};
}

}  // namespace

task<Event> Actions::post_export(LiveJob& live) {
    // The hook may have run for hours since LocalPath and the cluster were checked.
    if (live.job.pre_hook) {
        auto const storage = co_await dependencies_.check_storage();
        if (!storage) co_return Failed{storage.error()};
        auto const writable = co_await can_write();
        if (!writable) co_return Failed{writable.error()};
    }
    // Since it was prepared, another installation may have taken LocalPath.
    auto const may_order = co_await dependencies_.gate.check();
    if (!may_order) co_return not_ordered(live.job, may_order.error());
    ports::ExportOrder order{live.job.vm, folder_of(live.job), live.job.definition_file};
    auto const answer = co_await cluster_of(live).start_export(std::move(order));
    co_return event_of(answer);
}

task<Event> Actions::post_import(LiveJob& live) {
    auto const may_order = co_await dependencies_.gate.check_restore();  // likewise
    if (!may_order) co_return Failed{may_order.error()};
    ports::ImportOrder order{live.job.backup, live.job.definition_file, live.job.vm_name};
    auto const answer = co_await cluster_of(live).start_import(std::move(order));
    co_return event_of(answer);
}

}  // namespace sb::engine
