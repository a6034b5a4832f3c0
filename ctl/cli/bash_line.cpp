#include "ctl/cli/bash_line.hpp"

namespace sb::ctl {
namespace {

constexpr std::string_view bash_spaces = " \t\n";

class BashReader {
public:
    explicit BashReader(std::string_view breaks) : breaks_(breaks) {}

    void take(char c) {
        if (escaped_) take_escaped(c);
        else if (quote_) take_quoted(c);
        else if (c == '\\') escaped_ = true;
        else if (c == '\'' || c == '"') begin_quote(c);
        else if (bash_spaces.find(c) != std::string_view::npos) end_word();
        else take_plain(c);
    }

    BashLine line() {
        BashLine line;
        if (!words_.empty()) words_.erase(words_.begin());
        line.typed = {std::move(words_), current_};
        line.kept = current_.substr(0, kept_);
        line.quote = quote_;
        return line;
    }

private:
    void take_escaped(char c) {
        escaped_ = false;
        // Inside double quotes a backslash is special only before these.
        if (quote_ && std::string_view("$`\"\\\n").find(c) == std::string_view::npos) current_ += '\\';
        if (c != '\n') current_ += c;
        in_word_ = true;
    }

    void take_quoted(char c) {
        if (c == quote_) {
            quote_ = 0;
            kept_ = current_.size();
        } else if (c == '\\' && quote_ == '"') {
            escaped_ = true;
        } else {
            current_ += c;
        }
    }

    void begin_quote(char c) {
        quote_ = c;
        in_word_ = true;
        kept_ = current_.size();
    }

    void take_plain(char c) {
        current_ += c;
        in_word_ = true;
        if (breaks_.find(c) == std::string_view::npos) return;
        // Of the characters that break words, these begin the next one (rl_special_prefixes).
        bool const begins_word = c == '@' || c == '$';
        kept_ = current_.size() - (begins_word ? 1 : 0);
    }

    void end_word() {
        if (in_word_) words_.push_back(current_);
        current_.clear();
        kept_ = 0;
        in_word_ = false;
    }

    std::string_view breaks_;
    std::vector<std::string> words_;
    std::string current_;
    std::size_t kept_ = 0;
    bool in_word_ = false;
    bool escaped_ = false;
    char quote_ = 0;
};

/// For use outside quotes: everything that is not surely plain gets a backslash.
std::string with_backslashes(std::string_view text) {
    std::string out;
    for (char const c : text) {
        bool const special = std::string_view(" !\"#$&'()*,:;<=>?@[\\]^`{|}~").find(c) != std::string_view::npos;
        if (special) out += '\\';
        out += c;
    }
    return out;
}

std::string inside_quotes(char quote, std::string_view text) {
    std::string out;
    for (char const c : text) {
        if (quote == '\'' && c == '\'') out += "'\\''";
        // Bash expands history inside double quotes as well, and would keep a backslash before the mark.
        else if (quote == '"' && c == '!') out += "\"'!'\"";
        else if (quote == '"' && std::string_view("$`\"\\").find(c) != std::string_view::npos) (out += '\\') += c;
        else out += c;
    }
    // Readline closes the quote, unless its sign is at the end already.
    if (out.ends_with(quote)) out += quote;
    return out;
}

}  // namespace

BashLine read_bash_line(std::string_view line, std::string_view breaks) {
    BashReader reader(breaks);
    for (char const c : line) reader.take(c);
    return reader.line();
}

std::vector<std::string> bash_replies(BashLine const& line, std::vector<Candidate> const& candidates) {
    std::vector<std::string> replies;
    for (auto const& candidate : candidates) {
        if (!candidate.value.starts_with(line.typed.current)) continue;
        auto const rest = std::string_view(candidate.value).substr(line.kept.size());
        replies.push_back(line.quote ? inside_quotes(line.quote, rest) : with_backslashes(rest));
    }
    return replies;
}

}  // namespace sb::ctl
