#include "daemon/engine/order_gate.hpp"

#include "daemon/engine/repeat.hpp"

#include <utility>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

constexpr auto ask_update_every = 10s;
/// An update restarts the nodes one after the other, and meanwhile the cluster may not answer.
constexpr auto updating_without_answer = 1h;

}  // namespace

/// An error alone means no update: the file is not documented, and must not stop backups.
task<void> OrderGate::ask_about_update() {
    auto const lock = co_await mutex_.lock();
    auto const asked = time_.steady_now();
    if (asked_at_ && asked - *asked_at_ < ask_update_every) co_return;
    asked_at_ = asked;
    auto const asked_of = cluster_.present();
    auto const answer = co_await cluster_.update_in_progress();
    if (asked_of != cluster_.present()) {  // a reload came meanwhile: the answer is the earlier cluster's
        asked_at_.reset();
        co_return;
    }
    auto const now = time_.steady_now();
    if (answer && *answer) updating_ = now;
    bool const is_over = answer ? !*answer : updating_ && now - *updating_ >= updating_without_answer;
    if (is_over) updating_.reset();
    if (!is_updating()) conditions_.clear(ConditionKind::cluster_updating);
    else if (answer)
        conditions_.raise(ConditionKind::cluster_updating, "the cluster " + cluster_.host() + " reports an update");
}

task<OwnerObjection> OrderGate::objections() {
    co_await ask_about_update();
    co_return co_await known_objections();
}

task<OwnerObjection> OrderGate::known_objections() {
    OwnerObjection updating;
    updating.to_orders =
        with_remedy(ConditionKind::cluster_updating,
                    "the cluster is being updated, so no export or restore starts until that has ended");
    updating.to_restores = updating.to_orders;
    if (is_updating()) co_return updating;
    co_return co_await owner_.objection();
}

task<std::string> OrderGate::objection() {
    auto found = co_await objections();
    co_return std::move(found.to_orders);
}

task<std::string> OrderGate::known_objection() {
    auto found = co_await known_objections();
    co_return std::move(found.to_orders);
}

task<Result<void>> OrderGate::check() {
    auto why = co_await objection();
    if (!why.empty()) co_return Error{Errc::refused, std::move(why)};
    co_return boost::system::in_place_value;
}

task<Result<void>> OrderGate::check_restore() {
    auto found = co_await objections();
    if (!found.to_restores.empty()) co_return Error{Errc::refused, std::move(found.to_restores)};
    co_return boost::system::in_place_value;
}

task<std::string> OrderGate::objection_to_deleting() {
    auto const owner = co_await owner_.objection();
    co_return owner.to_deleting;
}

void OrderGate::configured() {
    asked_at_.reset();
    updating_.reset();
}

task<void> OrderGate::turn() {
    // At the start, too: an update may have ended while the daemon did not run.
    if (is_updating() || !asked_at_) co_await ask_about_update();
    co_await owner_.objection();
    co_await owner_.refresh();
}

task<void> OrderGate::run() {
    auto each = [this] { return turn(); };
    return repeat(time_, 1min, "checking whether orders are possible", std::move(each));
}

}  // namespace sb::engine
