#include "daemon/net/tls_client.hpp"

#include "common/config/values.hpp"
#include "common/text/one_line.hpp"

#include <boost/asio/ip/address.hpp>

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>

namespace sb::net {
namespace {

int handshake_index() {
    static int const index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

Handshake* handshake_of(SSL* ssl) { return static_cast<Handshake*>(SSL_get_ex_data(ssl, handshake_index())); }

config::Fingerprint fingerprint_of(X509* certificate) {
    config::Fingerprint print{};
    unsigned length = 0;
    if (X509_digest(certificate, EVP_sha256(), print.data(), &length) != 1) print.fill(0);
    return print;
}

UtcTime time_of(ASN1_TIME const* time) {
    std::tm civil{};
    if (ASN1_TIME_to_tm(time, &civil) != 1) return UtcTime{};
    using namespace std::chrono;
    auto const month_of_year = month{static_cast<unsigned>(civil.tm_mon + 1)};
    auto const day_of_month = day{static_cast<unsigned>(civil.tm_mday)};
    sys_days const date{year{civil.tm_year + 1900} / month_of_year / day_of_month};
    return date + hours{civil.tm_hour} + minutes{civil.tm_min} + seconds{civil.tm_sec};
}

std::string subject_of(X509* certificate) {
    X509_NAME* const name = X509_get_subject_name(certificate);
    int const at = X509_NAME_get_index_by_NID(name, NID_commonName, -1);
    if (at >= 0) {
        unsigned char* utf8 = nullptr;
        int const length = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
        if (length >= 0) {
            std::string text(reinterpret_cast<char const*>(utf8), static_cast<std::size_t>(length));
            OPENSSL_free(utf8);
            return text;
        }
    }
    char buffer[256] = "";
    X509_NAME_oneline(name, buffer, sizeof buffer);
    return buffer;
}

DetectedCertificate describe(X509* certificate) {
    constexpr std::size_t max_subject = 200;  // bytes; any machine can answer with any name
    return DetectedCertificate{fingerprint_of(certificate), one_line(subject_of(certificate), max_subject),
                               time_of(X509_get0_notBefore(certificate)), time_of(X509_get0_notAfter(certificate))};
}

}  // namespace

TlsClient::TlsClient(CertificateCheck check, std::vector<config::Fingerprint> pins)
    : check_(check), pins_(std::move(pins)), context_(asio::ssl::context::tls_client) {
    SSL_CTX* const native = context_.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    SSL_CTX_set_options(native, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_verify(native, SSL_VERIFY_PEER, nullptr);
    // Replaces OpenSSL's check of the chain: only the pin counts, so an expired or self-signed certificate is accepted,
    // and no other certificate of the chain can vouch for the leaf.
    SSL_CTX_set_cert_verify_callback(native, &TlsClient::verify_chain, this);
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(native, &TlsClient::keep_session);
}

void TlsClient::prepare(SSL* ssl, std::string const& host, Handshake& handshake) {
    handshake.client = this;
    SSL_set_ex_data(ssl, handshake_index(), &handshake);
    boost::system::error_code not_an_address;
    asio::ip::make_address(host, not_an_address);
    // RFC 6066: for names only. (The macro for this call has an old-style cast.)
    std::string name = host;
    if (not_an_address) SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
    if (session_.empty()) return;
    unsigned char const* bytes = session_.data();
    SSL_SESSION* const session = d2i_SSL_SESSION(nullptr, &bytes, static_cast<long>(session_.size()));
    if (session == nullptr) return;
    SSL_set_session(ssl, session);
    SSL_SESSION_free(session);
}

bool TlsClient::is_pinned(config::Fingerprint const& leaf) const {
    return std::ranges::find(pins_, leaf) != pins_.end();
}

bool TlsClient::peer_is_pinned(SSL* ssl) const {
    if (check_ == CertificateCheck::accept_any) return true;
    X509* const leaf = SSL_get0_peer_certificate(ssl);
    return leaf != nullptr && is_pinned(fingerprint_of(leaf));
}

bool TlsClient::was_resumed(SSL* ssl) { return SSL_session_reused(ssl) == 1; }

int TlsClient::verify_chain(X509_STORE_CTX* store, void* self) {
    auto const& client = *static_cast<TlsClient*>(self);
    auto* const ssl = static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
    Handshake* const handshake = ssl == nullptr ? nullptr : handshake_of(ssl);
    X509* const leaf = X509_STORE_CTX_get0_cert(store);
    if (handshake == nullptr || leaf == nullptr) return 0;
    handshake->chain.clear();
    STACK_OF(X509)* const shown = X509_STORE_CTX_get0_untrusted(store);
    for (int i = 0; i < sk_X509_num(shown); ++i) handshake->chain.push_back(describe(sk_X509_value(shown, i)));
    bool const good = client.check_ == CertificateCheck::accept_any || client.is_pinned(fingerprint_of(leaf));
    handshake->refused = !good;
    X509_STORE_CTX_set_error(store, good ? X509_V_OK : X509_V_ERR_CERT_REJECTED);
    return good ? 1 : 0;
}

int TlsClient::keep_session(SSL* ssl, SSL_SESSION* session) {
    Handshake* const handshake = handshake_of(ssl);
    if (handshake == nullptr || SSL_SESSION_is_resumable(session) != 1) return 0;
    int const size = i2d_SSL_SESSION(session, nullptr);
    if (size <= 0) return 0;
    auto& kept = handshake->client->session_;
    kept.resize(static_cast<std::size_t>(size));
    unsigned char* out = kept.data();
    i2d_SSL_SESSION(session, &out);
    return 0;  // OpenSSL keeps ownership of the session
}

Error TlsClient::pin_error(std::string const& where, Handshake const& handshake) const {
    std::string const seen = handshake.chain.empty() ? "none" : to_text(handshake.chain.front().fingerprint);
    std::string expected;
    for (auto const& pin : pins_) expected += (expected.empty() ? "" : " or ") + to_text(pin);
    if (expected.empty()) expected = "none is configured";
    return Error{Errc::pin_mismatch,
                 "the certificate of " + where + " has the fingerprint " + seen + ", expected " + expected +
                     "; nothing was sent. If the cluster has a new certificate, compare the fingerprint on the cluster "
                     "itself, then add it to CertFingerprint; if not, another machine answers at this address"};
}

std::string to_text(config::Fingerprint const& fingerprint) { return config::fingerprint_text(fingerprint); }

}  // namespace sb::net
