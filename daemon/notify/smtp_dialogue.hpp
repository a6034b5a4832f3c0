#pragma once
// What a mail server answered to which command. Pure: the lines go in as they are sent and received.

#include "common/text/scrub.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sb::notify {

/// What became of a mail for each of its recipients.
struct Delivery {
    std::size_t accepted = 0;              ///< recipients for whom the server took it
    std::vector<std::string> for_later{};  ///< recipients whom it refused for now (4xx): worth another try
    std::string objections{};              ///< its replies about all whom it refused; empty = none
};

class SmtpDialogue {
public:
    /// The recipients in the order in which they are sent. `scrub` removes what the server may repeat of the login.
    explicit SmtpDialogue(std::vector<std::string> recipients, Scrubber scrub = {});

    /// A command of ours, with or without its line end.
    void sent(std::string_view command);
    /// A line of the server.
    void received(std::string_view line);

    /// Only replies to RCPT are about a recipient; those to EHLO, STARTTLS and AUTH are not. One without a reply
    /// counts as accepted: the mail was sent.
    Delivery delivery() const;
    /// Whether every recipient was refused, some of them for good: a whole new attempt would not help these.
    bool refused_all_but_not_alike() const;

    /// Its objections to the last command (to all recipients), else its last line; what QUIT led to does not count.
    std::string const& words() const { return objections_.empty() ? last_line_ : objections_; }

private:
    struct Recipient {
        std::string address;
        std::string code{};   ///< "250"; empty = no reply yet
        std::string reply{};  ///< all lines
    };
    static bool is_refusal(std::string_view code);
    static bool is_for_now(std::string_view code);

    Scrubber scrub_;
    std::vector<Recipient> recipients_;
    std::size_t asked_ = 0;  ///< RCPT commands so far; the last one is about recipient asked_ - 1
    enum class Command { recipient, quit, other } command_ = Command::other;
    std::string objections_;
    std::string last_line_;
};

}  // namespace sb::notify
