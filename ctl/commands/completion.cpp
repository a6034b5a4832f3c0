#include "ctl/commands/commands.hpp"
#include "ctl/completion/scripts.hpp"

namespace sb::ctl {

task<int> run_command(Session& session, Completion command) {
    auto& out = session.console.results;
    if (command.shell == "bash") out << completion_scripts.bash;
    else if (command.shell == "fish") out << completion_scripts.fish;
    else out << completion_scripts.zsh;
    co_return exit_done;
}

}  // namespace sb::ctl
