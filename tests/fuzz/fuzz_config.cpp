// config.toml as anyone could write it.
#include "common/config/changes.hpp"
#include "common/config/load.hpp"
#include "common/config/summary.hpp"
#include "tests/fuzz/property.hpp"

#include <algorithm>

namespace sb::fuzz {
namespace {

using config::Loaded;

/// The seeds' passwords.
constexpr std::string_view password = "hunter2-of-the-seeds";

std::string said_of(Loaded const& loaded) {
    return config::render_problems(loaded.problems) + config::render_problems(loaded.warnings);
}

void check_problems(Loaded const& loaded, std::string_view text) {
    auto const lines = static_cast<int>(std::ranges::count(text, '\n')) + 1;
    for (auto const* list : {&loaded.problems, &loaded.warnings})
        for (auto const& problem : *list) {
            must_hold(problem.file == "config.toml", "a problem names another file");
            must_hold(problem.line >= 0 && problem.line <= lines, "a problem is in a line that the text does not have");
            must_hold(problem.column >= 0, "a problem has a negative column");
            must_hold(!problem.text.empty(), "a problem without a message");
            must_hold(is_printable(config::problem_text(problem)), "a problem's message contains control characters");
        }
}

/// Whether the only occurrence of the password is a value: then it is a password, whatever is wrong around it.
bool is_value_of_password(std::string_view text) {
    if (occurrences(text, password) != 1 || text.find("'''") != text.npos || text.find("\"\"\"") != text.npos)
        return false;
    auto line = text.substr(0, text.find(password));
    line.remove_prefix(line.rfind('\n') + 1);
    for (char const quote : {'\'', '"'})
        if (line.ends_with(quote)) line.remove_suffix(1);
    std::string plain(line);
    std::erase(plain, ' ');
    return plain == "Password=";
}

void check_accepted(Loaded const& loaded, std::string const& text) {
    auto const& config = loaded.config;
    must_hold(!config.smb.username.empty() && !config.smb.host.host.empty() && !config.smb.share_name.empty() &&
                  !config.smb.local_path.empty() && !config.smb.password.empty(),
              "accepted without the required keys of [SMB]");
    must_hold(!config.scale.username.empty() && !config.scale.hosts.empty() && !config.scale.password.empty(),
              "accepted without the required keys of [Scale]");
    if (config.schedule)
        must_hold(config.schedule->concurrency >= 1 && config.schedule->concurrency <= 3,
                  "accepted with an invalid Concurrency");
    must_hold(!config.daemon.socket.empty() && !config.daemon.state_dir.empty(), "accepted without the daemon's paths");

    must_hold(config::changes_between(config, config).changed.empty(), "a configuration differs from itself");
    auto other = config;
    other.smb.password = other.scale.password = Secret("another");
    if (other.smtp && !other.smtp->password.empty()) other.smtp->password = Secret("another");
    must_hold(config::summary(config) == config::summary(other), "the summary depends on a password");

    if (text.size() + 8 > config::max_config_bytes) return;
    auto const again = config::parse(text + "\n# end\n", "config.toml");
    must_hold(again.ok(), "a comment at the end makes it invalid");
    must_hold(config::summary(again.config) == config::summary(config), "a comment at the end changes its meaning");
}

}  // namespace
}  // namespace sb::fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size) {
    using namespace sb::fuzz;
    std::string const text(text_of(bytes, size));
    auto const loaded = sb::config::parse(text, "config.toml");
    check_problems(loaded, text);
    if (is_value_of_password(text))
        must_hold(said_of(loaded).find(password) == std::string::npos, "a problem shows a password");
    if (loaded.ok()) check_accepted(loaded, text);
    return 0;
}
