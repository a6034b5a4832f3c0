#include "ctl/cli/completion.hpp"

#include "ctl/cli/global_options.hpp"

#include <algorithm>

namespace sb::ctl {
namespace {

std::vector<Candidate> candidates_from(std::vector<Choice> const& choices) {
    std::vector<Candidate> all;
    for (auto const& choice : choices) all.push_back({std::string(choice.word), std::string(choice.summary)});
    return all;
}

std::vector<Candidate> command_candidates() {
    std::vector<Candidate> all;
    for (auto const& command : command_table())
        if (!command.internal) all.push_back({std::string(command.word), std::string(command.summary)});
    return all;
}

void expect_words(Expectation& expectation, std::vector<Candidate> words) {
    expectation.kind = ValueKind::choice;
    expectation.words = std::move(words);
}

void expect_value(Expectation& expectation, ValueRule const& rule) {
    if (rule.kind == ValueKind::choice) expect_words(expectation, candidates_from(rule.choices));
    else if (rule.kind == ValueKind::command) expect_words(expectation, command_candidates());
    else expectation.kind = rule.kind;
}

/// Goes through the words before the cursor.
class LineReader {
public:
    explicit LineReader(Typed const& typed) {
        for (auto const& word : typed.before) take(word);
    }

    Expectation expectation_at(std::string const& current) const {
        Expectation expectation;
        expectation.socket = socket_;
        expectation.takes_dashes = only_arguments_ || pending_;
        if (pending_) expect_value(expectation, pending_->value);
        else if (!only_arguments_ && current.starts_with('-')) expect_words(expectation, options_at(current));
        else if (words_ == 0) expect_words(expectation, command_candidates());
        else if (command_ != nullptr) expect_argument(expectation);
        return expectation;
    }

private:
    void take(std::string const& text) {
        if (pending_) {
            if (pending_->name == "socket") socket_ = text;
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
        if (words_++ == 0) command_ = find_command(text);
        else arguments_.push_back(text);
    }

    void take_option(std::string const& text) {
        auto const equals = text.find('=');
        auto const name = text.substr(0, equals);
        given_.push_back(name);
        if (equals != std::string::npos) {
            if (name == "--socket") socket_ = text.substr(equals + 1);
            return;
        }
        auto const option = option_named(name);
        if (option && !option->value_name.empty()) pending_ = option;
    }

    std::vector<Option> options() const {
        auto all = command_ != nullptr ? command_->options : std::vector<Option>();
        for (auto const& global : global_options())
            if (command_ == nullptr || !global.without_command) all.push_back(global.option);
        return all;
    }

    /// `name` with its dashes.
    std::optional<Option> option_named(std::string const& name) const {
        for (auto const& option : options())
            if (name == "--" + std::string(option.name)) return option;
        return std::nullopt;
    }

    /// Options, or the values of one: "--level=co".
    std::vector<Candidate> options_at(std::string const& current) const {
        auto const equals = current.find('=');
        if (equals == std::string::npos) return options_left();
        auto const name = current.substr(0, equals);
        auto const option = option_named(name);
        if (!option) return {};
        auto values = candidates_from(option->value.choices);
        for (auto& one : values) one.value.insert(0, name + "=");
        return values;
    }

    std::vector<Candidate> options_left() const {
        std::vector<Candidate> left;
        for (auto const& option : options()) {
            auto const name = "--" + std::string(option.name);
            if (std::ranges::find(given_, name) == given_.end()) left.push_back({name, ""});
        }
        return left;
    }

    void expect_argument(Expectation& expectation) const {
        auto const& known = command_->arguments;
        if (known.empty()) return;
        bool const beyond = arguments_.size() >= known.size();
        if (beyond && !known.back().repeats) return;
        expect_value(expectation, beyond ? known.back().value : known[arguments_.size()].value);
        if (known.back().repeats) expectation.given = arguments_;
    }

    CommandSpec const* command_ = nullptr;
    std::size_t words_ = 0;  ///< the command's and its arguments
    std::vector<std::string> arguments_;
    std::vector<std::string> given_;  ///< options
    std::optional<Option> pending_;   ///< its value comes next
    bool only_arguments_ = false;     ///< after --
    std::string socket_;
};

}  // namespace

Expectation expectation_of(Typed const& typed) { return LineReader(typed).expectation_at(typed.current); }

}  // namespace sb::ctl
