#include "ctl/cli/completion.hpp"

#include "ctl/cli/arguments.hpp"
#include "ctl/session.hpp"

namespace sb::ctl {
namespace {

task<int> run_completion(Session& session, Arguments arguments) {
    auto& out = session.console.out;
    auto const shell = arguments.text("SHELL");
    if (shell == "bash") out << completion_scripts.bash;
    else if (shell == "fish") out << completion_scripts.fish;
    else out << completion_scripts.zsh;
    co_return exit_done;
}

}  // namespace

CommandSpec completion_command() {
    return {
        .word = "completion",
        .summary = "shell completion",
        .arguments = {{.name = "SHELL",
                       .value = {ValueKind::choice, {{"bash"}, {"fish"}, {"zsh"}}},
                       .help = "bash, fish or zsh"}},
        .details = R"(Prints a shell's completion of commands, options, VMs, backups and jobs, for
the name scale-backup as well. Packages install it; by hand:
  bash   in ~/.bashrc: source <(scale-backupctl completion bash)
  zsh    in ~/.zshrc, after compinit: source <(scale-backupctl completion zsh)
  fish   in config.fish: scale-backupctl completion fish | source

Names come from the daemon; if it does not answer in time, none are offered.)",
        .examples = {"scale-backupctl completion zsh > ~/.zfunc/_scale-backupctl"},
        .run = run_completion,
    };
}

}  // namespace sb::ctl
