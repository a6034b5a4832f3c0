#include "ctl/commands/commands.hpp"
#include "ctl/usage.hpp"

namespace sb::ctl {

task<int> run_command(Session& session, Help command) {
    session.console.results << help_page(command.topic);
    co_return exit_done;
}

}  // namespace sb::ctl
