#include "ctl/cli/global_options.hpp"

#include <map>
#include <set>
#include <stdexcept>
#include <string>

namespace sb::ctl {

std::vector<GlobalOption> const& global_options() {
    static std::vector<GlobalOption> const options{
        {.option = {.name = "socket", .value_name = "PATH", .value = {ValueKind::file}, .help = "the daemon's socket"},
         .variable = "SCALE_BACKUP_SOCKET"},
        {.option = {.name = "json", .help = "JSON on stdout"}},
        {.option = {.name = "no-color"}, .variable = "NO_COLOR"},
        {.option = {.name = "help"}, .letter = 'h', .shows_text = true},
        {.option = {.name = "version"}, .shows_text = true, .without_command = true},
    };
    return options;
}

void require_distinct_options(std::vector<CommandSpec> const& commands) {
    std::set<std::string_view> global;
    for (auto const& one : global_options()) global.insert(one.option.name);
    std::map<std::string_view, bool> takes_value;
    for (auto const& command : commands) {
        std::set<std::string_view> own;
        for (auto const& option : command.options) {
            auto const where = std::string(command.word) + " --" + std::string(option.name);
            if (global.contains(option.name)) throw std::logic_error(where + " has the name of a global option");
            if (!own.insert(option.name).second) throw std::logic_error(where + " is declared twice");
            bool const takes = !option.value_name.empty();
            if (takes_value.emplace(option.name, takes).first->second != takes)
                throw std::logic_error(where + " takes a value in one command and none in another");
        }
    }
}

}  // namespace sb::ctl
