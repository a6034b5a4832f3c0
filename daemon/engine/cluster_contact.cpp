#include "daemon/engine/cluster_contact.hpp"

#include "common/text/duration_text.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <utility>

namespace sb::engine {

using namespace std::chrono_literals;

task<void> ClusterContact::ask(std::shared_ptr<Question> question, Milliseconds max_age) {
    struct AtTheEnd {
        ClusterContact& contact;
        std::shared_ptr<Question> const& question;
        ~AtTheEnd() {
            question->has_ended = true;
            contact.asking_.remove(question);
            question->ended.cancel();
        }
    };
    AtTheEnd const at_the_end{*this, question};
    question->answer = co_await dependencies_.vms.get_by_clock(max_age);
    auto const& vms = *question->answer;
    bool const is_refused =
        !vms && (vms.error().code == Errc::credentials_refused || vms.error().code == Errc::forbidden);
    if (is_refused) co_return;
    co_await dependencies_.identity.check(max_age);
    if (vms) co_await dependencies_.gate.ask_about_update();
}

task<void> ClusterContact::wait_for(std::shared_ptr<Question> question) {
    boost::system::error_code woken;
    if (!question->has_ended) co_await question->ended.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    if (!question->has_ended) throw boost::system::system_error(woken);  // we are being cancelled
}

VmsForPerson ClusterContact::last_known() const {
    auto const limit = duration_text(person_waits);
    auto const& known = dependencies_.vms.known();
    if (!known) {
        Error unknown{Errc::timed_out, "the cluster has not answered for " + limit +
                                           ", and its VMs have not been listed since the start"};
        return {std::move(unknown), {}};
    }
    ports::Vms vms = known->vms;
    vms.complete = false;  // no VM is taken for a deleted one because of it
    return {std::move(vms),
            "the cluster has not answered for " + limit + "; its VMs are shown as of " + format_rfc3339(known->at)};
}

task<VmsForPerson> ClusterContact::vms(Milliseconds max_age) {
    using namespace asio::experimental::awaitable_operators;
    auto const now = dependencies_.time.steady_now();
    if (!asking_.empty() && now - asking_.front()->since >= person_waits) co_return last_known();
    auto const question = std::make_shared<Question>(dependencies_.executor, now);
    asking_.push_back(question);
    dependencies_.group.spawn(ask(question, max_age));
    auto const end = now + person_waits;
    auto answered = wait_for(question);
    auto late = dependencies_.time.sleep_until(end);
    co_await (std::move(answered) || std::move(late));
    if (!question->has_ended || !question->answer) co_return last_known();
    VmsForPerson current{std::move(*question->answer), {}};
    co_return current;
}

}  // namespace sb::engine
