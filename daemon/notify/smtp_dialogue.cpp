#include "daemon/notify/smtp_dialogue.hpp"

#include "common/text/ascii.hpp"
#include "daemon/notify/clean_text.hpp"

#include <algorithm>

namespace sb::notify {
namespace {

constexpr std::size_t max_line_bytes = 500, max_words_bytes = 2000;

void append(std::string& words, std::string_view line) {
    if (words.size() >= max_words_bytes) return;
    words.append(words.empty() ? "" : "; ").append(line);
}

bool begins_with(std::string_view command, std::string_view verb) {
    return equal_ignoring_case(command.substr(0, verb.size()), verb);
}

}  // namespace

SmtpDialogue::SmtpDialogue(std::vector<std::string> recipients, Scrubber scrub) : scrub_(std::move(scrub)) {
    for (auto& address : recipients) recipients_.push_back({std::move(address)});
}

void SmtpDialogue::sent(std::string_view command) {
    if (begins_with(command, "QUIT")) {
        command_ = Command::quit;
    } else if (begins_with(command, "RCPT TO:") && asked_ < recipients_.size()) {
        command_ = Command::recipient;
        ++asked_;
    } else {
        command_ = Command::other;
        objections_.clear();
    }
}

void SmtpDialogue::received(std::string_view line) {
    // Scrubbed before it is cut or cleaned, which may hide a part of a password. The code is read from the line itself.
    auto clean = clean_line(scrub_.beginning(line, max_line_bytes));
    while (clean.ends_with(' ')) clean.pop_back();
    if (clean.empty() || command_ == Command::quit) return;
    auto const code = line.substr(0, 3);
    if (is_refusal(code)) append(objections_, clean);
    if (command_ == Command::recipient) {
        auto& recipient = recipients_[asked_ - 1];
        if (recipient.code.empty()) recipient.code = code;
        append(recipient.reply, clean);
    }
    last_line_ = std::move(clean);
}

bool SmtpDialogue::is_refusal(std::string_view code) { return code.starts_with('4') || code.starts_with('5'); }

// RFC 5321, 4.5.3.1.10: 552 at RCPT means too many recipients in one mail, as 452 does.
bool SmtpDialogue::is_for_now(std::string_view code) { return code.starts_with('4') || code.starts_with("552"); }

Delivery SmtpDialogue::delivery() const {
    Delivery delivery;
    for (auto const& recipient : recipients_) {
        if (!is_refusal(recipient.code)) {
            ++delivery.accepted;
            continue;
        }
        if (is_for_now(recipient.code)) delivery.for_later.push_back(recipient.address);
        append(delivery.objections, recipient.reply);
    }
    return delivery;
}

bool SmtpDialogue::refused_all_but_not_alike() const {
    auto const refused = [](Recipient const& recipient) { return is_refusal(recipient.code); };
    auto const for_now = [](Recipient const& recipient) { return is_for_now(recipient.code); };
    return std::ranges::all_of(recipients_, refused) && std::ranges::any_of(recipients_, for_now) &&
           !std::ranges::all_of(recipients_, for_now);
}

}  // namespace sb::notify
