#pragma once
// Commands that a message asks a person to copy into a shell. Their words may be foreign: the name of a VM or a backup,
// or any text of a manifest that anyone who can write into the share has put there.

#include <initializer_list>
#include <string>
#include <string_view>

namespace sb {

/// One word for a POSIX shell, and for zsh and fish: as it is if nothing in it means something to one of them, else in
/// quotes.
std::string shell_word(std::string_view text);

struct SuggestedOption {
    std::string_view name;  ///< without its dashes, from the source
    std::string_view value;
};

/// A command line of scale-backupctl. `command` is its word and its switches, from the source ("delete --yes");
/// `options` and `words` may have foreign values: each stays one word, and none of `words` becomes an option. Control
/// characters stay: what prints the message replaces them.
std::string suggested_command(std::string_view command, std::initializer_list<std::string_view> words = {},
                              std::initializer_list<SuggestedOption> options = {});

}  // namespace sb
