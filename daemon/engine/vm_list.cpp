#include "daemon/engine/vm_list.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace sb::engine {

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
        // The other caller got an answer while we waited: use it if it succeeded.
        if (newest_ && fetched_at_ >= asked_at) co_return *newest_;
    }
    co_return co_await fetch();
}

task<Result<VmList::Vms>> VmList::get_by_clock(Milliseconds max_age) {
    if (auto const refused = login_refused_by_clock()) co_return *refused;
    co_return co_await get(max_age);
}

std::optional<Error> VmList::login_refused_by_clock() {
    if (!refusal_ || !ask_again_at_) return std::nullopt;
    auto const now = time_.steady_now();
    if (now < *ask_again_at_) return refusal_;
    ask_again_at_ = now + refusal_pause_;  // one caller asks, not each
    return std::nullopt;
}

/// Not what it may do: a list that is refused to this user stays refused.
void VmList::note_login_accepted() {
    if (!refusal_ || refusal_->code != Errc::credentials_refused) return;
    refusal_.reset();
    refusal_pause_ = Milliseconds{0};
    try_again();
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
        fetched_at_ = time_.steady_now();
        note_answer();
    } else {
        newest_.reset();
        note_failure(vms.error());
    }
    co_return vms;
}

void VmList::note_answer() {
    refusal_.reset();
    refusal_pause_ = Milliseconds{0};
    try_again();
    reachability_.reachable = true;
    reachability_.error.clear();
    conditions_.clear(core::ConditionKind::cluster_unavailable);
    conditions_.clear(core::ConditionKind::cluster_login_refused);
}

void VmList::note_failure(Error const& error) {
    reachability_.reachable = false;
    reachability_.error = error.context;
    if (error.code == Errc::cancelled) return;
    bool const refused = error.code == Errc::credentials_refused || error.code == Errc::forbidden;
    if (refused) {
        // An ended session may be refused in the same way: once, it is repeated soon.
        constexpr Milliseconds first_pause = std::chrono::seconds(5);
        constexpr Milliseconds second_pause = std::chrono::minutes(2);
        constexpr Milliseconds longest_pause = std::chrono::hours(4);
        refusal_ = error;
        if (refusal_pause_ == Milliseconds{0}) refusal_pause_ = first_pause;
        else refusal_pause_ = std::clamp(refusal_pause_ * 2, second_pause, longest_pause);
        ask_again_at_ = time_.steady_now() + refusal_pause_;
    }
    if (!refused) try_again();
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
