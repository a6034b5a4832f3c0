#include "daemon/hooks/template.hpp"

#include <algorithm>

namespace sb::hooks {
namespace {

constexpr std::string_view white_space = " \t\n\v\f\r";

std::string replaced(std::string_view word, Variables const& variables) {
    std::string result;
    while (!word.empty()) {
        auto const open = word.find("{{");
        result += word.substr(0, open);
        if (open == std::string_view::npos) break;
        word.remove_prefix(open);
        auto const close = word.find("}}");
        auto const name = close == std::string_view::npos ? std::string_view() : word.substr(2, close - 2);
        auto const variable = std::ranges::find(variables, name, &Variables::value_type::first);
        if (variable == variables.end()) {
            result += word.front();  // only one brace: in '{{{VMName}}' the name begins at the second
            word.remove_prefix(1);
        } else {
            result += variable->second;
            word.remove_prefix(close + 2);
        }
    }
    return result;
}

}  // namespace

Variables variables_of(HookInfo const& hook, std::string const& vm_name, std::string const& local_path,
                       std::string const& backup_name) {
    Variables variables;
    auto const add = [&](std::string_view name, std::string const& value) {
        if (hook.has(name)) variables.emplace_back(name, value);
    };
    add(hook_variable::vm_name, vm_name);
    add(hook_variable::new_vm_name, vm_name);
    add(hook_variable::local_path, local_path);
    add(hook_variable::backup_name, backup_name);
    return variables;
}

Result<std::vector<std::string>> expand(std::string_view command, Variables const& variables) {
    std::vector<std::string> argv;
    for (auto begin = command.find_first_not_of(white_space); begin != std::string_view::npos;) {
        auto const end = std::min(command.find_first_of(white_space, begin), command.size());
        argv.push_back(replaced(command.substr(begin, end - begin), variables));
        if (argv.back().find('\0') != std::string::npos) {
            return Error{Errc::invalid_params,
                         "argument " + std::to_string(argv.size() - 1) +
                             " of the hook would contain a NUL byte, which cannot be passed to a program"};
        }
        begin = command.find_first_not_of(white_space, end);
    }
    if (argv.empty()) return Error{Errc::invalid_params, "the hook names no program"};
    return argv;
}

}  // namespace sb::hooks
