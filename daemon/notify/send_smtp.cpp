#include "daemon/notify/send_smtp.hpp"

#include "daemon/notify/libcurl_internal.hpp"
#include "daemon/notify/clean_text.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string_view>

namespace sb::notify {
namespace {

struct Transfer {
    std::string_view unsent;
    std::atomic<bool> const* stop = nullptr;
    std::string last_answer;  ///< the server's last line
    std::string refusals;     ///< its lines with a code of 4xx or 5xx
};

std::size_t read_mail(char* buffer, std::size_t size, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    auto const piece = transfer.unsent.substr(0, size * count);
    std::memcpy(buffer, piece.data(), piece.size());
    transfer.unsent.remove_prefix(piece.size());
    return piece.size();
}

std::size_t keep_answer(char* bytes, std::size_t size, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    auto line = clean_line(std::string_view(bytes, size * count).substr(0, 500));
    while (line.ends_with(' ')) line.pop_back();
    if (line.empty()) return size * count;
    bool const refused = line[0] == '4' || line[0] == '5';
    if (refused && transfer.refusals.size() < 2000) transfer.refusals += (transfer.refusals.empty() ? "" : "; ") + line;
    transfer.last_answer = std::move(line);
    return size * count;
}

std::size_t drop_body(char*, std::size_t size, std::size_t count, void*) { return size * count; }

int check_for_stop(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    return static_cast<Transfer*>(user)->stop->load() ? 1 : 0;
}

std::string url_of(config::Smtp const& smtp) {
    bool const v6 = smtp.host.find(':') != std::string::npos;
    return (smtp.security == config::MailSecurity::tls ? "smtps://" : "smtp://") +
           (v6 ? "[" + smtp.host + "]" : smtp.host) + ":" + std::to_string(smtp.port);
}

Errc kind_of(CURLcode code) {
    switch (code) {
        case CURLE_OPERATION_TIMEDOUT: return Errc::timed_out;
        case CURLE_ABORTED_BY_CALLBACK: return Errc::cancelled;
        case CURLE_LOGIN_DENIED:
        case CURLE_SEND_ERROR:
        case CURLE_REMOTE_ACCESS_DENIED:
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_AUTH_ERROR: return Errc::rejected;
        default: return Errc::unreachable;
    }
}

std::string_view advice(CURLcode code, config::Smtp const& smtp, std::string_view answer) {
    switch (code) {
        case CURLE_PEER_FAILED_VERIFICATION:
            return "; [SMTP] Host must be a name in the server's certificate, and the system must trust who "
                   "issued it (a private CA: add it to the system's store, on Debian with update-ca-certificates)";
        case CURLE_USE_SSL_FAILED:
            return "; the server does not offer STARTTLS: set [SMTP] Security = 'tls' if this port speaks TLS from the "
                   "start "
                   "(465), or 'none'";
        case CURLE_SSL_CONNECT_ERROR:
            return smtp.security == config::MailSecurity::tls
                       ? "; a port that starts without TLS (25, 587) needs [SMTP] Security = 'starttls'"
                       : "";
        case CURLE_LOGIN_DENIED:
            if (smtp.username.empty() || answer.starts_with("530")) break;
            return "; check [SMTP] Username and Password";
        case CURLE_OPERATION_TIMEDOUT:
        case CURLE_COULDNT_CONNECT:
        case CURLE_COULDNT_RESOLVE_HOST: return "; check [SMTP] Host and Port, and firewalls between";
        default: break;
    }
    if (answer.starts_with("530"))
        return "; the server requires encryption or a login: set [SMTP] Security, Username and Password";
    return "";
}

Error failure(LibCurl const& curl, CURLcode code, std::string_view details, config::Smtp const& smtp,
              Transfer const& transfer) {
    std::string text = "mail server " + smtp.host + ":" + std::to_string(smtp.port) + ": ";
    // The server may repeat what it was sent.
    auto const foreign = [&](std::string_view words) { return without_password(words, smtp.password.reveal()); };
    text += foreign(details.empty() ? std::string_view(curl.easy_strerror(code)) : details);
    auto const& said = transfer.refusals.empty() ? transfer.last_answer : transfer.refusals;
    if (!said.empty() && code != CURLE_PEER_FAILED_VERIFICATION) text += " (the server replied: " + foreign(said) + ")";
    text += advice(code, smtp, said);
    return Error{kind_of(code), std::move(text)};
}

/// Address, encryption, login and timeouts: common to every conversation with the server. False if this libcurl lacks
/// one of them.
bool set_up_conversation(LibCurl const& curl, CURL* easy, config::Smtp const& smtp, SendLimits const& limits,
                         Transfer& transfer, char* details) {
    bool ready = true;
    auto const set = [&](CURLoption option, auto value) {
        ready = curl.easy_setopt(easy, option, value) == CURLE_OK && ready;
    };
    set(CURLOPT_ERRORBUFFER, details);
    set(CURLOPT_URL, url_of(smtp).c_str());
    set(CURLOPT_PROXY, "");  // what a service file sets for web traffic is not meant for mail
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(limits.total.count()));
    bool const encrypted = smtp.security != config::MailSecurity::none;
    set(CURLOPT_USE_SSL, static_cast<long>(encrypted ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    set(CURLOPT_SSL_VERIFYPEER, 1L);
    set(CURLOPT_SSL_VERIFYHOST, 2L);
    set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!limits.ca_file.empty()) set(CURLOPT_CAINFO, limits.ca_file.c_str());
    if (!smtp.username.empty()) {
        set(CURLOPT_USERNAME, smtp.username.c_str());
        set(CURLOPT_PASSWORD, smtp.password.reveal().c_str());
    }
    set(CURLOPT_WRITEFUNCTION, &drop_body);
    set(CURLOPT_HEADERFUNCTION, &keep_answer);
    set(CURLOPT_HEADERDATA, &transfer);
    set(CURLOPT_XFERINFOFUNCTION, &check_for_stop);
    set(CURLOPT_XFERINFODATA, &transfer);
    set(CURLOPT_NOPROGRESS, 0L);
    return ready;
}

using Conversation = std::unique_ptr<CURL, decltype(LibCurl::easy_cleanup)>;
using AddressList = std::unique_ptr<curl_slist, decltype(LibCurl::slist_free_all)>;

Error no_memory() { return Error{Errc::internal, "libcurl is out of memory"}; }
Error lacks_something() { return Error{Errc::internal, "this libcurl lacks a feature that sending mail needs"}; }

}  // namespace

Result<std::string> send_smtp(config::Smtp const& smtp, std::string const& mail, std::atomic<bool> const& stop,
                              SendLimits const& limits) {
    auto const library = libcurl();
    if (!library) return library.error();
    auto const& curl = **library;
    Conversation const easy(curl.easy_init(), curl.easy_cleanup);
    if (!easy) return no_memory();
    AddressList recipients(nullptr, curl.slist_free_all);
    for (auto const& to : smtp.to) {
        auto* const longer = curl.slist_append(recipients.get(), ("<" + to + ">").c_str());
        if (longer == nullptr) return no_memory();
        static_cast<void>(recipients.release());
        recipients.reset(longer);
    }
    Transfer transfer;
    transfer.unsent = mail;
    transfer.stop = &stop;
    std::array<char, CURL_ERROR_SIZE> details{};
    bool ready = set_up_conversation(curl, easy.get(), smtp, limits, transfer, details.data());
    auto const set = [&](CURLoption option, auto value) {
        ready = curl.easy_setopt(easy.get(), option, value) == CURLE_OK && ready;
    };
    set(CURLOPT_MAIL_FROM, ("<" + smtp.from + ">").c_str());
    set(CURLOPT_MAIL_RCPT, recipients.get());
    set(CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);  // one invalid address must not keep the mail from the others
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_READFUNCTION, &read_mail);
    set(CURLOPT_READDATA, &transfer);
    if (!ready) return lacks_something();

    auto const code = curl.easy_perform(easy.get());
    if (code != CURLE_OK) return failure(curl, code, details.data(), smtp, transfer);
    return without_password(transfer.refusals, smtp.password.reveal());
}

Result<void> reach_smtp(config::Smtp const& smtp, std::atomic<bool> const& stop, SendLimits const& limits) {
    auto const library = libcurl();
    if (!library) return library.error();
    auto const& curl = **library;
    Conversation const easy(curl.easy_init(), curl.easy_cleanup);
    if (!easy) return no_memory();
    Transfer transfer;
    transfer.stop = &stop;
    std::array<char, CURL_ERROR_SIZE> details{};
    bool const ready = set_up_conversation(curl, easy.get(), smtp, limits, transfer, details.data()) &&
                       curl.easy_setopt(easy.get(), CURLOPT_CONNECT_ONLY, 1L) == CURLE_OK;
    if (!ready) return lacks_something();
    auto const code = curl.easy_perform(easy.get());
    if (code != CURLE_OK) return failure(curl, code, details.data(), smtp, transfer);
    return {};
}

}  // namespace sb::notify
