#pragma once
// How long a login that a cluster refused is not tried again by the clock: many clusters lock an account after some
// wrong logins. Minutes, then hours.

#include "common/error.hpp"
#include "common/time.hpp"

#include <optional>

namespace sb::engine {

class LoginPause {
public:
    /// The cluster refused the login, or what the user wanted.
    void note_refused(Error const& error, SteadyTime now);
    void note_accepted() { *this = LoginPause(); }
    /// The next request is made, whatever was refused before; the pause after it is as long as it would have been.
    void try_again() { ask_again_at_.reset(); }
    /// The last refusal, while its pause lasts. Nothing lets one caller ask; the next pause begins with that.
    std::optional<Error> refusal_by_clock(SteadyTime now);
    /// Whether the login itself was refused, and none has been accepted since.
    bool is_login_refused() const { return refusal_ && refusal_->code == Errc::credentials_refused; }

private:
    std::optional<Error> refusal_;            ///< empty = it was accepted since, or not tried
    std::optional<SteadyTime> ask_again_at_;  ///< empty = whenever it is needed
    Milliseconds pause_{0};
};

}  // namespace sb::engine
