#include "daemon/notify/outbox_codec.hpp"

#include "common/json/document.hpp"
#include "common/json/writer.hpp"
#include "common/text/ascii.hpp"
#include "daemon/notify/mail_header.hpp"

#include <algorithm>

namespace sb::notify {
namespace {

constexpr std::string_view outbox_format = "scale-backup outbox";
constexpr std::int64_t outbox_version = 1;
constexpr std::size_t max_unique_bytes = 100;

bool is_unique_name(std::string_view text) {
    auto const fits = [](char c) { return is_letter(c) || is_digit(c) || c == '.' || c == '-'; };
    return !text.empty() && text.size() <= max_unique_bytes && std::ranges::all_of(text, fits);
}

bool can_be_sent(ports::QueuedMail const& mail) {
    return is_unique_name(mail.unique) && std::ranges::all_of(mail.recipients, is_plain_address);
}

Result<ports::QueuedMail> mail_from(json::View record) {
    ports::QueuedMail mail;
    mail.message.subject = record["subject"].text();
    mail.message.body = record["body"].text();
    mail.message.cause = record["cause"].text();
    mail.unique = record["unique"].text();
    auto const posted = parse_rfc3339(record["posted"].text());
    if (!posted) return posted.error();
    mail.posted = *posted;
    for (auto const& recipient : record["recipients"].elements()) mail.recipients.push_back(recipient.text());
    return mail;
}

}  // namespace

std::string outbox_text(std::vector<ports::QueuedMail> const& mails) {
    json::Writer writer(json::Layout::pretty);
    writer.begin_object().member("format", outbox_format).member("version", outbox_version);
    writer.key("mails").begin_array();
    for (auto const& mail : mails) {
        writer.begin_object();
        writer.member("subject", mail.message.subject).member("body", mail.message.body);
        writer.member("cause", mail.message.cause).member("unique", mail.unique);
        writer.member("posted", format_rfc3339(mail.posted));
        writer.key("recipients").begin_array();
        for (auto const& recipient : mail.recipients) writer.string(recipient);
        writer.end_array().end_object();
    }
    writer.end_array().end_object();
    return writer.take() + "\n";
}

Result<std::vector<ports::QueuedMail>> read_outbox(std::string_view text) {
    auto const document = json::Document::parse(text);
    if (!document) return document.error();
    auto const root = document->root();
    bool const is_ours = root["format"].string() == outbox_format && root["version"].integer() == outbox_version;
    if (!is_ours) return Error{Errc::malformed, "it is not a list of waiting emails of this version"};
    std::vector<ports::QueuedMail> mails;
    for (auto const& record : root["mails"].elements()) {
        auto mail = mail_from(record);
        if (mail && can_be_sent(*mail)) mails.push_back(std::move(*mail));
    }
    return mails;
}

}  // namespace sb::notify
