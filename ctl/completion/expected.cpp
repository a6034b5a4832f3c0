#include "ctl/completion/expected.hpp"

#include "ctl/usage.hpp"
#include "ctl/usage_verify.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <sstream>

namespace sb::ctl {
namespace {

struct Option {
    std::string name;   ///< with its dashes
    std::string value;  ///< the usage line's word for it; empty = it takes none
};

/// A usage line, taken apart: "VM NAME [--detach]".
struct Usage {
    std::vector<Option> options;
    std::vector<std::string> arguments;
    bool last_repeats = false;
};

std::vector<Option> const& options_for_all() {
    static std::vector<Option> const options{{"--socket", "PATH"}, {"--json", ""}, {"--no-color", ""}, {"--help", ""}};
    return options;
}

bool takes_away_suffix(std::string& word, std::string_view suffix) {
    if (!word.ends_with(suffix)) return false;
    word.resize(word.size() - suffix.size());
    return true;
}

Usage usage_of(CommandWord const& command) {
    std::istringstream words{std::string(command.arguments)};
    Usage usage;
    bool after_option = false;
    for (std::string part; words >> part;) {
        // An option that takes a value shares its brackets with it: "[--limit N]".
        bool const closes = part.ends_with(']');
        std::erase_if(part, [](char c) { return c == '[' || c == ']'; });
        if (part.starts_with("--")) {
            usage.options.push_back({part, ""});
            after_option = !closes;
            continue;
        }
        bool const repeats = takes_away_suffix(part, "...") || takes_away_suffix(part, "…");
        if (repeats) usage.last_repeats = true;
        if (part.empty()) continue;
        if (after_option) usage.options.back().value = part;
        else usage.arguments.push_back(part);
        after_option = false;
    }
    return usage;
}

/// What the words of usage lines stand for. Words that are not here (N, NEW-VM) cannot be completed.
Expected meaning_of(std::string_view command, std::string_view word) {
    static std::map<std::string_view, Expected> const meanings{
        {"VM", Expected::vms},          {"TARGET-VM", Expected::vms}, {"NAME", Expected::backups},
        {"JOB", Expected::jobs},        {"FILE", Expected::files},    {"PATH", Expected::files},
        {"DISK-UUID", Expected::disks}, {"DIR", Expected::files},     {"FOLDER", Expected::backups},
    };
    if (command == "backup" && word == "NAME") return Expected::nothing;  // of a folder that must not exist yet
    if (command == "protect" && word == "NAME") return Expected::unprotected_backups;
    if (command == "unprotect" && word == "NAME") return Expected::protected_backups;
    if (command == "cancel" && word == "JOB") return Expected::unfinished_jobs;
    auto const it = meanings.find(word);
    return it == meanings.end() ? Expected::nothing : it->second;
}

/// The words that a usage line stands for, if there are only so many: "bash|fish|zsh".
std::vector<Candidate> alternatives(std::string_view text) {
    std::vector<Candidate> all;
    if (text == "LEVEL")
        for (auto const& level : verify_levels) all.push_back({std::string(level.word), std::string(level.summary)});
    if (text.find('|') == std::string_view::npos) return all;
    std::istringstream parts{std::string(text)};
    for (std::string part; std::getline(parts, part, '|');) all.push_back({part, ""});
    return all;
}

void expect_words(Expectation& expectation, std::vector<Candidate> words) {
    expectation.what = Expected::words;
    expectation.words = std::move(words);
}

void expect(Expectation& expectation, std::string_view command, std::string_view word) {
    auto words = alternatives(word);
    if (words.empty()) expectation.what = meaning_of(command, word);
    else expect_words(expectation, std::move(words));
}

/// The words before the cursor while they are gone through.
class Walk {
public:
    explicit Walk(Typed const& typed) {
        for (auto const& word : typed.before) take(word);
    }

    Expectation at(std::string const& current) const {
        Expectation expectation;
        expectation.socket = socket_;
        if (pending_) expect(expectation, word(), pending_->value);
        else if (!only_arguments_ && current.starts_with('-')) expect_words(expectation, options_at(current));
        else if (!command_ && words_ == 0) expect_words(expectation, commands());
        else if (command_) expect_argument(expectation);
        return expectation;
    }

private:
    std::string_view word() const { return command_ ? command_->word : std::string_view{}; }

    void take(std::string const& text) {
        if (pending_) {
            if (pending_->name == "--socket") socket_ = text;
            pending_.reset();
        } else if (only_arguments_ || !text.starts_with('-') || text == "-") {
            take_word(text);
        } else if (text == "--") {
            only_arguments_ = true;
        } else {
            take_option(text);
        }
    }

    void take_word(std::string const& text) {
        if (words_++ > 0) {
            arguments_.push_back(text);
            return;
        }
        command_ = find_command(text);
        if (command_) usage_ = usage_of(*command_);
    }

    void take_option(std::string const& text) {
        auto const equals = text.find('=');
        auto const name = text.substr(0, equals);
        given_.push_back(name);
        if (equals != std::string::npos) {
            if (name == "--socket") socket_ = text.substr(equals + 1);
            return;
        }
        auto const known = options();
        auto const option = std::ranges::find(known, name, &Option::name);
        if (option != known.end() && !option->value.empty()) pending_ = *option;
    }

    std::vector<Option> options() const {
        auto all = usage_.options;
        all.insert(all.end(), options_for_all().begin(), options_for_all().end());
        if (!command_) all.push_back({"--version", ""});
        return all;
    }

    /// Options, or the values of one: "--level=co".
    std::vector<Candidate> options_at(std::string const& current) const {
        auto const equals = current.find('=');
        if (equals == std::string::npos) return options_left();
        auto const known = options();
        auto const option = std::ranges::find(known, current.substr(0, equals), &Option::name);
        if (option == known.end()) return {};
        auto values = alternatives(option->value);
        for (auto& one : values) one.value.insert(0, option->name + "=");
        return values;
    }

    std::vector<Candidate> options_left() const {
        std::vector<Candidate> left;
        for (auto const& option : options())
            if (std::ranges::find(given_, option.name) == given_.end()) left.push_back({option.name, ""});
        return left;
    }

    static std::vector<Candidate> commands() {
        std::vector<Candidate> all;
        for (auto const& command : command_words())
            all.push_back({std::string(command.word), std::string(command.summary)});
        return all;
    }

    void expect_argument(Expectation& expectation) const {
        auto const& known = usage_.arguments;
        if (known.empty()) return;
        bool const beyond = arguments_.size() >= known.size();
        if (beyond && !usage_.last_repeats) return;
        expect(expectation, word(), beyond ? known.back() : known[arguments_.size()]);
        if (usage_.last_repeats) expectation.given = arguments_;
    }

    CommandWord const* command_ = nullptr;
    Usage usage_;
    std::size_t words_ = 0;  ///< the command's and its arguments
    std::vector<std::string> arguments_;
    std::vector<std::string> given_;  ///< options
    std::optional<Option> pending_;   ///< its value comes next
    bool only_arguments_ = false;     ///< after --
    std::string socket_;
};

}  // namespace

Expectation expectation_of(Typed const& typed) { return Walk(typed).at(typed.current); }

}  // namespace sb::ctl
