#include "ctl/commands/commands.hpp"
#include "ctl/usage.hpp"

namespace sb::ctl {

task<int> carry_out(Session& session, Help command) {
    session.console.results << help_page(command.topic);
    co_return exit_done;
}

}  // namespace sb::ctl
