#pragma once
// The types of values in config.toml: each knows what it accepts, says so in words, and can write a value back.
// Internal to this folder.

#include "common/config/key.hpp"
#include "common/config/words.hpp"
#include "common/error.hpp"
#include "common/hook.hpp"
#include "common/text/rate_text.hpp"
#include "common/text/suggestion.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace sb::config {

template <class T>
struct Type : TypeFacts {
    std::function<std::optional<T>(Value const&, Reject const&)> parse;
    std::function<std::string(T const&)> write;
    std::function<bool(T const&, T const&)> equal{};  ///< whether two values mean the same; empty = operator==
};

/// The rest of a type whose values are one text each; parse is std::string -> Result<T>.
template <class T, class Parse>
Type<T> text_type(TypeFacts facts, Parse parse, std::function<std::string(T const&)> write) {
    Type<T> type{std::move(facts), {}, std::move(write)};
    type.parse = [parse](Value const& value, Reject const& reject) -> std::optional<T> {
        Result<T> parsed = parse(value.text);
        if (parsed) return std::move(*parsed);
        reject(value.place, value.text, parsed.error().context);
        return std::nullopt;
    };
    return type;
}

Type<std::string> text(std::string allowed);
Type<std::string> user_name();
Type<Secret> password();
/// A relative one is kept as it is written.
Type<std::filesystem::path> password_file();
Type<std::filesystem::path> absolute_path();
Type<std::filesystem::path> socket_path();
Type<HostPort> host(std::uint16_t usual_port);
Type<std::vector<HostPort>> hosts(std::uint16_t usual_port);
Type<std::string> host_without_port();
Type<std::vector<Fingerprint>> fingerprints();
Type<std::string> mail_address();
Type<std::vector<std::string>> mail_addresses();
Type<std::string> helo_name();
Type<std::string> share_name();
Type<std::string> tag();
Type<std::string> command_line(HookInfo const& hook);
Type<CivilDuration> duration();
/// 'off' and '0' mean zero.
Type<CivilDuration> duration_or_off();
Type<TimeOfDay> time_of_day();
Type<Rate> rate();
Type<bool> truth_value();

/// "1 to 3"
std::string range_text(long long least, long long most);

template <class Number = int>
Type<Number> whole_number(long long least, long long most, std::string_view unit = {}) {
    Type<Number> type;
    type.kind = Kind::integer;
    type.allowed = (unit.empty() ? "" : std::string(unit) + ", ") + "a whole number from " + range_text(least, most);
    type.brief = range_text(least, most);
    type.is_choice = true;
    type.unit = unit;
    type.parse = [least, most](Value const& value, Reject const& reject) -> std::optional<Number> {
        if (value.integer >= least && value.integer <= most) return static_cast<Number>(value.integer);
        // The text shows a number beyond 64 bits as it is written.
        reject(value.place, value.text.empty() ? std::to_string(value.integer) : value.text, "out of range");
        return std::nullopt;
    };
    type.write = [](Number const& number) { return std::to_string(number); };
    return type;
}

Type<std::chrono::seconds> seconds(long long least, long long most);

template <class Choice, std::size_t N>
Type<Choice> one_of(std::array<Word<Choice>, N> const& words) {
    auto const parse = [&words](std::string const& text) -> Result<Choice> {
        if (auto const choice = choice_of(words, text)) return *choice;
        std::vector<std::string_view> known;
        for (auto const& word : words) known.push_back(word.text);
        auto const meant = nearest_word(text, known);
        return Error{Errc::invalid_config,
                     "unknown value" + (meant ? " (did you mean '" + std::string(*meant) + "'?)" : std::string())};
    };
    auto const write = [&words](Choice const& choice) { return std::string(word_of(words, choice)); };
    return text_type<Choice>({.allowed = listed(words), .is_choice = true}, parse, write);
}

}  // namespace sb::config
