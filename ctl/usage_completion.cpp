#include "ctl/usage_completion.hpp"

namespace sb::ctl {
namespace {

constexpr std::string_view completion_page = R"(
Prints the completion of commands, options, VMs, backups and jobs for a shell;
it serves the name scale-backup as well. Packages install it; by hand:
  bash   in ~/.bashrc: source <(scale-backupctl completion bash)
  zsh    in ~/.zshrc, after compinit: source <(scale-backupctl completion zsh)
  fish   in config.fish: scale-backupctl completion fish | source

Names come from the daemon; if it does not answer at once, none are offered.

Example:
  scale-backupctl completion zsh > ~/.zfunc/_scale-backupctl
)";

}  // namespace

std::vector<CommandWord> completion_words() {
    return {{"completion", "bash|fish|zsh", "for the shell's TAB key", completion_page}};
}

}  // namespace sb::ctl
