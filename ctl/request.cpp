#include "ctl/request.hpp"

#include "ctl/usage.hpp"
#include "ctl/usage_verify.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <type_traits>
#include <utility>

namespace sb::ctl {
namespace {

constexpr std::array options{
    CommandOption{"detach"},     CommandOption{"limit", true},  CommandOption{"days", true}, CommandOption{"dry-run"},
    CommandOption{"yes"},        CommandOption{"level", true},  CommandOption{"force"},      CommandOption{"wait"},
    CommandOption{"no-protect"}, CommandOption{"output", true},
};
constexpr int limit_max = 100'000;
constexpr int days_max = 366;

template <class Number>
std::optional<Number> whole_number(std::string_view text) {
    Number number{};
    auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

/// One request while it is looked at.
class Reader {
public:
    explicit Reader(Request const& request) : request_(request) {}

    std::string const& word() const { return request_.words.front(); }
    std::size_t arguments() const { return request_.words.size() - 1; }
    std::string const& argument(std::size_t index) const { return request_.words[index + 1]; }
    bool has(std::string_view option) const { return request_.options.contains(option); }

    Error wrong_count(std::string_view expected) const {
        auto text = in_quotes(word()) + " " + std::string(expected) + ", got " + std::to_string(arguments());
        // The usual reason for one too many: a name with blanks that the shell took apart.
        if (arguments() > most_names_) text += " (a name with blanks needs quotes)";
        return usage_error(std::move(text), word());
    }

    Error complaint(std::string text) const { return usage_error(std::move(text), word()); }

    /// That many arguments, none of them empty.
    Result<void> names(std::size_t count, std::string_view expected) {
        most_names_ = count;
        if (arguments() != count) return wrong_count(expected);
        for (std::size_t i = 0; i < count; ++i) {
            if (argument(i).empty()) return complaint(in_quotes(word()) + ": an empty name");
        }
        return {};
    }

    Result<int> number(std::string_view option, int least, int most, int otherwise) const {
        if (!has(option)) return otherwise;
        auto const& text = request_.options.find(option)->second;
        auto const number = whole_number<int>(text);
        if (number && *number >= least && *number <= most) return *number;
        auto const range = std::to_string(least) + " to " + std::to_string(most);
        return complaint("--" + std::string(option) + " takes a whole number from " + range + ", got " +
                         in_quotes(text));
    }

    std::string text(std::string_view option, std::string otherwise) const {
        return has(option) ? request_.options.find(option)->second : otherwise;
    }

    Result<JobId> job_id() const {
        auto const id = whole_number<JobId>(argument(0));
        if (id && *id > 0) return *id;
        return complaint(in_quotes(argument(0)) + " is not a job's id; 'scale-backupctl jobs' lists them");
    }

private:
    Request const& request_;
    std::size_t most_names_ = 2;
};

Result<Command> nothing_else(Reader& reader, Command command) {
    if (reader.arguments() > 0) return reader.wrong_count("takes no arguments");
    return command;
}

template <class Kind>
Result<Command> plain(Reader& reader) {
    return nothing_else(reader, Kind{});
}

template <class Kind>
Result<Command> two_names(Reader& reader) {
    bool const backup = std::is_same_v<Kind, Backup>;
    auto const good = reader.names(2, backup ? "takes a VM and a name" : "takes a backup and a new VM's name");
    if (!good) return good.error();
    Kind command{reader.argument(0), reader.argument(1), reader.has("detach")};
    if constexpr (std::is_same_v<Kind, Restore>) command.force = reader.has("force");
    return Command{std::move(command)};
}

Result<Command> verify(Reader& reader) {
    Verify command;
    command.detach = reader.has("detach");
    command.level = reader.text("level", command.level);
    if (std::ranges::find(verify_levels, command.level, &VerifyLevel::word) == verify_levels.end())
        return reader.complaint("--level takes structure, content or reread, got " + in_quotes(command.level));
    for (std::size_t i = 0; i < reader.arguments(); ++i) {
        if (reader.argument(i).empty()) return reader.complaint("'verify': an empty name");
        command.backups.push_back(reader.argument(i));
    }
    return Command{std::move(command)};
}

Result<Command> watch(Reader& reader) {
    if (reader.arguments() == 0) return Command{Watch{}};
    if (reader.arguments() > 1) return reader.wrong_count("takes one job's id or none");
    auto const id = reader.job_id();
    if (!id) return id.error();
    return Command{Watch{*id}};
}

Result<Command> cancel(Reader& reader) {
    if (reader.arguments() != 1) return reader.wrong_count("takes one job's id");
    auto const id = reader.job_id();
    if (!id) return id.error();
    return Command{Cancel{*id}};
}

/// jobs and runs.
template <class Kind>
Result<Command> limited(Reader& reader) {
    auto const limit = reader.number("limit", 0, limit_max, Kind{}.limit);
    if (!limit) return limit.error();
    return nothing_else(reader, Kind{*limit});
}

Result<Command> plan(Reader& reader) {
    auto const days = reader.number("days", 1, days_max, Plan{}.days);
    if (!days) return days.error();
    return nothing_else(reader, Plan{*days});
}

Result<Command> interactive_restore(Reader& reader) {
    return nothing_else(reader, InteractiveRestore{reader.has("detach")});
}

Result<Command> schedule(Reader& reader) { return nothing_else(reader, Schedule{reader.has("detach")}); }

Result<Command> why(Reader& reader) {
    auto const good = reader.names(1, "takes one VM");
    if (!good) return good.error();
    return Command{Why{reader.argument(0)}};
}

Result<Command> metrics(Reader& reader) {
    if (reader.has("output") && reader.text("output", "").empty()) return reader.complaint("--output needs a file");
    return nothing_else(reader, Metrics{reader.text("output", "")});
}

Result<Command> show_disks(Reader& reader) {
    auto const good = reader.names(1, "takes one VM");
    if (!good) return good.error();
    return Command{ShowDisks{reader.argument(0)}};
}

Result<Command> clone_disk(Reader& reader) {
    auto const good = reader.names(2, "takes a disk's uuid and a VM");
    if (!good) return good.error();
    return Command{CloneDisk{reader.argument(0), reader.argument(1)}};
}

Result<Command> upload_disk_media(Reader& reader) {
    auto const good = reader.names(1, "takes one file");
    if (!good) return good.error();
    return Command{UploadDiskMedia{reader.argument(0), reader.has("wait")}};
}

template <bool Paused>
Result<Command> pause(Reader& reader) {
    return nothing_else(reader, Pause{Paused});
}

template <bool Protected>
Result<Command> protect(Reader& reader) {
    auto const good = reader.names(1, "takes one backup");
    if (!good) return good.error();
    return Command{Protect{reader.argument(0), Protected}};
}

Result<Command> prune(Reader& reader) {
    Prune const command{reader.has("dry-run"), reader.has("yes")};
    if (command.dry_run && command.yes) return reader.complaint("--dry-run and --yes exclude each other");
    return nothing_else(reader, command);
}

Result<Command> adopt(Reader& reader) {
    Adopt command;
    for (std::size_t i = 0; i < reader.arguments(); ++i) {
        if (reader.argument(i).empty()) return reader.complaint("'adopt': an empty name");
        command.folders.push_back(reader.argument(i));
    }
    command.dry_run = reader.has("dry-run");
    command.protect = !reader.has("no-protect");
    return Command{std::move(command)};
}

Result<Command> completion(Reader& reader) {
    auto const good = reader.names(1, "takes a shell: bash, fish or zsh");
    if (!good) return good.error();
    auto const& shell = reader.argument(0);
    if (shell == "bash" || shell == "fish" || shell == "zsh") return Command{Completion{shell}};
    return reader.complaint("there is no completion for " + in_quotes(shell) + ", only for bash, fish and zsh");
}

struct Grammar {
    std::string_view word;
    Result<Command> (*read)(Reader&);
    std::vector<std::string_view> options{};
};

std::vector<Grammar> const& grammars() {
    static std::vector<Grammar> const all{
        {"show-vms", plain<ShowVms>},
        {"backup", two_names<Backup>, {"detach"}},
        {"restore", two_names<Restore>, {"detach", "force"}},
        {"interactive-restore", interactive_restore, {"detach"}},
        {"show-backups", plain<ShowBackups>},
        {"jobs", limited<Jobs>, {"limit"}},
        {"status", plain<Status>},
        {"watch", watch},
        {"cancel", cancel},
        {"schedule", schedule, {"detach"}},
        {"runs", limited<Runs>, {"limit"}},
        {"show-queue", plain<ShowQueue>},
        {"why", why},
        {"plan", plan, {"days"}},
        {"pause", pause<true>},
        {"resume", pause<false>},
        {"prune", prune, {"dry-run", "yes"}},
        {"protect", protect<true>},
        {"unprotect", protect<false>},
        {"doctor", plain<Doctor>},
        {"reload", plain<Reload>},
        {"verify", verify, {"detach", "level"}},
        {"adopt", adopt, {"dry-run", "no-protect"}},
        {"notify-test", plain<NotifyTest>},
        {"metrics", metrics, {"output"}},
        {"show-disks", show_disks},
        {"clone-disk", clone_disk},
        {"upload-disk-media", upload_disk_media, {"wait"}},
        {"completion", completion},
        {"version", plain<Version>},
    };
    return all;
}

}  // namespace

std::span<CommandOption const> command_options() { return options; }

Error usage_error(std::string text, std::string_view command) {
    std::string hint = "; see 'scale-backupctl ";
    if (find_command(command)) hint += std::string(command) + " ";
    return {Errc::invalid_params, std::move(text) + hint + "--help'"};
}

std::string in_quotes(std::string_view text) { return "'" + std::string(text) + "'"; }

Result<Command> command_of(Request const& request) {
    auto const& word = request.words.front();
    auto const grammar = std::ranges::find(grammars(), word, &Grammar::word);
    if (grammar == grammars().end()) return usage_error("unknown command " + in_quotes(word));
    for (auto const& [option, value] : request.options) {
        if (std::ranges::find(grammar->options, option) != grammar->options.end()) continue;
        return usage_error(in_quotes(word) + " has no option '--" + option + "'", word);
    }
    Reader reader(request);
    return grammar->read(reader);
}

}  // namespace sb::ctl
