#include "daemon/notify/send_smtp.hpp"

#include "common/text/ascii.hpp"
#include "common/text/scrub.hpp"
#include "daemon/notify/helo_name.hpp"
#include "daemon/notify/libcurl_internal.hpp"
#include "daemon/notify/machine_name.hpp"
#include "daemon/notify/open_sockets.hpp"

#include <array>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace sb::notify {
namespace {

using Clock = std::chrono::steady_clock;

struct Transfer {
    std::string_view unsent;
    std::atomic<bool> const* stop = nullptr;
    SendLimits limits;
    SmtpDialogue dialogue;
    Clock::time_point begun = Clock::now();
    std::optional<Clock::time_point> mail_sent{};
    bool too_late = false;
    OpenSockets sockets{};
};

int note_socket(void* user, curl_socket_t socket, curlsocktype) {
    static_cast<Transfer*>(user)->sockets.opened(socket);
    return CURL_SOCKOPT_OK;
}

int close_socket(void* user, curl_socket_t socket) { return static_cast<Transfer*>(user)->sockets.close(socket); }

std::size_t read_mail(char* buffer, std::size_t size, std::size_t count, void* user) {
    auto& transfer = *static_cast<Transfer*>(user);
    auto const piece = transfer.unsent.substr(0, size * count);
    std::memcpy(buffer, piece.data(), piece.size());
    transfer.unsent.remove_prefix(piece.size());
    if (transfer.unsent.empty() && !transfer.mail_sent) transfer.mail_sent = Clock::now();
    return piece.size();
}

std::size_t note_reply(char* bytes, std::size_t size, std::size_t count, void* user) {
    static_cast<Transfer*>(user)->dialogue.received(std::string_view(bytes, size * count));
    return size * count;
}

int note_command(CURL*, curl_infotype kind, char* bytes, std::size_t size, void* user) {
    if (kind == CURLINFO_HEADER_OUT) static_cast<Transfer*>(user)->dialogue.sent(std::string_view(bytes, size));
    return 0;
}

std::size_t drop_body(char*, std::size_t size, std::size_t count, void*) { return size * count; }

// Called about once a second while libcurl waits.
int check_for_end(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    auto& transfer = *static_cast<Transfer*>(user);
    auto const until =
        transfer.mail_sent ? *transfer.mail_sent + transfer.limits.after_mail : transfer.begun + transfer.limits.total;
    transfer.too_late = Clock::now() >= until;
    return transfer.too_late || transfer.stop->load() ? 1 : 0;
}

/// The path of such an address is the name that EHLO sends.
std::string url_of(config::Smtp const& smtp, std::string_view helo) {
    bool const v6 = smtp.host.find(':') != std::string::npos;
    std::string url = smtp.security == config::MailSecurity::tls ? "smtps://" : "smtp://";
    url += (v6 ? "[" + smtp.host + "]" : smtp.host) + ":" + std::to_string(smtp.port) + "/";
    for (char const c : helo) {
        bool const plain = is_letter(c) || is_digit(c) || c == '.' || c == '-';
        auto const byte = static_cast<unsigned char>(c);
        if (plain) url += c;
        else url += {'%', upper_hex_digit(byte >> 4U), upper_hex_digit(byte)};
    }
    return url;
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

/// For what the server says: it may repeat the login.
Scrubber scrubber_of(config::Smtp const& smtp) { return Scrubber({smtp.password}); }

Error failure(LibCurl const& curl, CURLcode code, std::string_view details, config::Smtp const& smtp,
              Transfer const& transfer) {
    std::string text = "mail server " + smtp.host + ":" + std::to_string(smtp.port) + ": ";
    bool const is_late = transfer.too_late && !transfer.stop->load();
    if (is_late) code = CURLE_OPERATION_TIMEDOUT;
    if (is_late && transfer.mail_sent) text += "it has the mail, but did not confirm it in time";
    else if (is_late) text += "no reply in time";
    else text += scrubber_of(smtp)(details.empty() ? std::string_view(curl.easy_strerror(code)) : details);
    auto const& said = transfer.dialogue.words();
    if (!said.empty() && code != CURLE_PEER_FAILED_VERIFICATION) text += " (the server replied: " + said + ")";
    if (!transfer.mail_sent) text += advice(code, smtp, said);
    return Error{kind_of(code), std::move(text)};
}

/// Address, encryption, login and timeouts: common to every conversation with the server. False if this libcurl lacks
/// one of them.
bool set_up_conversation(LibCurl const& curl, CURL* easy, config::Smtp const& smtp, SendLimits const& limits,
                         std::string const& helo, Transfer& transfer, char* details) {
    bool ready = true;
    auto const set = [&](CURLoption option, auto value) {
        ready = curl.easy_setopt(easy, option, value) == CURLE_OK && ready;
    };
    set(CURLOPT_ERRORBUFFER, details);
    set(CURLOPT_URL, url_of(smtp, helo).c_str());
    set(CURLOPT_PROXY, "");  // what a service file sets for web traffic is not meant for mail
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limits.connect.count()));
    // check_for_end() ends it in time; these are beyond its limits.
    auto const longest = limits.total + limits.after_mail + std::chrono::seconds(10);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(longest.count()));
    set(CURLOPT_SERVER_RESPONSE_TIMEOUT, static_cast<long>(longest / std::chrono::seconds(1)));
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
    set(CURLOPT_HEADERFUNCTION, &note_reply);
    set(CURLOPT_HEADERDATA, &transfer);
    set(CURLOPT_DEBUGFUNCTION, &note_command);
    set(CURLOPT_DEBUGDATA, &transfer);
    set(CURLOPT_VERBOSE, 1L);  // calls note_command, and prints nothing
    set(CURLOPT_XFERINFOFUNCTION, &check_for_end);
    set(CURLOPT_XFERINFODATA, &transfer);
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_SOCKOPTFUNCTION, &note_socket);
    set(CURLOPT_SOCKOPTDATA, &transfer);
    set(CURLOPT_CLOSESOCKETFUNCTION, &close_socket);
    set(CURLOPT_CLOSESOCKETDATA, &transfer);
    return ready;
}

using Conversation = std::unique_ptr<CURL, decltype(LibCurl::easy_cleanup)>;
using AddressList = std::unique_ptr<curl_slist, decltype(LibCurl::slist_free_all)>;

/// Says QUIT, and waits for the reply a little; not at all if the server has been given up.
void close_conversation(Conversation easy, Transfer& transfer) {
    if (transfer.too_late || transfer.stop->load()) transfer.sockets.shut_down();
    ShutDownLater const limited(transfer.sockets, transfer.limits.quit);
    easy.reset();
}

Error no_memory() { return Error{Errc::internal, "libcurl is out of memory"}; }
Error lacks_something() { return Error{Errc::internal, "this libcurl lacks a feature that sending mail needs"}; }

}  // namespace

Result<Delivery> send_smtp(config::Smtp const& smtp, std::string const& mail, std::atomic<bool> const& stop,
                           SendLimits const& limits) {
    auto const library = libcurl();
    if (!library) return library.error();
    auto const& curl = **library;
    Conversation easy(curl.easy_init(), curl.easy_cleanup);
    if (!easy) return no_memory();
    AddressList recipients(nullptr, curl.slist_free_all);
    for (auto const& to : smtp.to) {
        auto* const longer = curl.slist_append(recipients.get(), ("<" + to + ">").c_str());
        if (longer == nullptr) return no_memory();
        static_cast<void>(recipients.release());
        recipients.reset(longer);
    }
    auto const helo = helo_name(smtp, smtp.helo_name.empty() ? full_machine_name(stop) : "");
    Transfer transfer{mail, &stop, limits, SmtpDialogue(smtp.to, scrubber_of(smtp))};
    std::array<char, CURL_ERROR_SIZE> details{};
    bool ready = set_up_conversation(curl, easy.get(), smtp, limits, helo, transfer, details.data());
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
    close_conversation(std::move(easy), transfer);
    if (code != CURLE_OK && !transfer.dialogue.refused_all_but_not_alike())
        return failure(curl, code, details.data(), smtp, transfer);
    return transfer.dialogue.delivery();
}

Result<void> reach_smtp(config::Smtp const& smtp, std::atomic<bool> const& stop, SendLimits const& limits) {
    auto const library = libcurl();
    if (!library) return library.error();
    auto const& curl = **library;
    Conversation easy(curl.easy_init(), curl.easy_cleanup);
    if (!easy) return no_memory();
    auto const helo = helo_name(smtp, smtp.helo_name.empty() ? full_machine_name(stop) : "");
    Transfer transfer{"", &stop, limits, SmtpDialogue({}, scrubber_of(smtp))};
    std::array<char, CURL_ERROR_SIZE> details{};
    bool const ready = set_up_conversation(curl, easy.get(), smtp, limits, helo, transfer, details.data()) &&
                       curl.easy_setopt(easy.get(), CURLOPT_CONNECT_ONLY, 1L) == CURLE_OK;
    if (!ready) return lacks_something();
    auto const code = curl.easy_perform(easy.get());
    close_conversation(std::move(easy), transfer);
    if (code != CURLE_OK) return failure(curl, code, details.data(), smtp, transfer);
    return {};
}

}  // namespace sb::notify
