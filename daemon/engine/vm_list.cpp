#include "daemon/engine/vm_list.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace sb::engine {

namespace {

/// What fails sooner is worth another request.
constexpr auto hangs_after = std::chrono::seconds(10);

}  // namespace

task<Result<VmList::Vms>> VmList::get(Milliseconds max_age) {
    auto const asked_at = time_.steady_now();
    if (newest_ && asked_at - fetched_at_ <= max_age) co_return *newest_;
    if (fetching_) {
        asio::steady_timer done{executor_, asio::steady_timer::time_point::max()};
        waiting_.push_back(&done);
        boost::system::error_code woken;
        co_await done.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        bool const still_listed = std::erase(waiting_, &done) > 0;
        if (still_listed) throw boost::system::system_error(woken);  // we are being cancelled
        // The other caller got an answer while we waited: use it if it succeeded. A cluster that hangs is not waited
        // for twice.
        if (newest_ && fetched_at_ >= asked_at) co_return *newest_;
        auto const now = time_.steady_now();
        bool const has_hung = failure_ && failure_->at >= asked_at && now - asked_at >= hangs_after;
        if (has_hung) co_return failure_->error;
    }
    co_return co_await fetch();
}

task<Result<VmList::Vms>> VmList::get_by_clock(Milliseconds max_age) {
    if (auto const refused = login_refused_by_clock()) co_return *refused;
    co_return co_await get(max_age);
}

std::optional<Error> VmList::login_refused_by_clock() { return login_.refusal_by_clock(time_.steady_now()); }

/// Not what it may do: a list that is refused to this user stays refused.
void VmList::note_reply() {
    if (reachability_.reachable.value_or(false)) reachability_.at = time_.now();
    if (!login_.is_login_refused()) return;
    login_.note_accepted();
    conditions_.clear(core::ConditionKind::cluster_login_refused);
}

task<Result<VmList::Vms>> VmList::fetch() {
    struct WakeOthers {
        VmList& list;
        ~WakeOthers() {
            list.fetching_ = false;
            for (auto* waiter : std::exchange(list.waiting_, {})) waiter->cancel();
        }
    };
    fetching_ = true;
    WakeOthers const at_the_end{*this};
    auto const forgotten_before = forgotten_;
    auto vms = co_await cluster_.list_vms();
    if (vms) {
        if (forgotten_ == forgotten_before) newest_ = *vms;
        if (newest_) known_ = Known{*newest_, time_.now()};
        fetched_at_ = time_.steady_now();
        note_answer();
        failure_.reset();
    } else {
        newest_.reset();
        if (forgotten_ == forgotten_before) failure_ = Failure{vms.error(), time_.steady_now()};
        note_failure(vms.error());
    }
    co_return vms;
}

void VmList::note_answer() {
    login_.note_accepted();
    reachability_ = {true, {}, time_.now()};
    conditions_.clear(core::ConditionKind::cluster_unavailable);
    conditions_.clear(core::ConditionKind::cluster_login_refused);
}

void VmList::note_failure(Error const& error) {
    if (error.code == Errc::cancelled) return;  // which says nothing about the cluster
    reachability_ = {false, error.context, time_.now()};
    bool const refused = error.code == Errc::credentials_refused || error.code == Errc::forbidden;
    if (refused) login_.note_refused(error, time_.steady_now());
    else try_again();
    // A refused login stands until one succeeds: a failure to reach the cluster says nothing about it.
    if (refused) conditions_.clear(core::ConditionKind::cluster_unavailable);
    conditions_.raise(refused ? core::ConditionKind::cluster_login_refused : core::ConditionKind::cluster_unavailable,
                      error.context);
}

Result<core::Vm> find_vm(std::vector<core::Vm> const& vms, std::string const& name_or_uuid) {
    auto const by_uuid = std::ranges::find_if(vms, [&](core::Vm const& vm) { return vm.uuid.text() == name_or_uuid; });
    if (by_uuid != vms.end()) return *by_uuid;

    std::vector<core::Vm const*> named;
    for (auto const& vm : vms)
        if (vm.name == name_or_uuid) named.push_back(&vm);
    if (named.empty()) return Error{Errc::not_found, "the cluster has no VM named '" + name_or_uuid + "'"};
    if (named.size() == 1) return *named.front();
    std::string list;
    for (auto const* vm : named) list += "\n  " + vm->uuid.text() + "  " + vm->state;
    return Error{Errc::ambiguous_name, std::to_string(named.size()) + " VMs are named '" + name_or_uuid +
                                           "'; choose one by its uuid:" + list};
}

}  // namespace sb::engine
