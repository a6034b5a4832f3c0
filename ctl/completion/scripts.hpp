#pragma once
// The files for the shells (ctl/completion/scale-backupctl.*), as they are installed.

#include <string_view>

namespace sb::ctl {

struct CompletionScripts {
    std::string_view bash, fish, zsh;
};
extern CompletionScripts const completion_scripts;

}  // namespace sb::ctl
