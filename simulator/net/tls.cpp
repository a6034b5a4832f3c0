#include "simulator/net/tls.hpp"

#include <boost/asio/ssl/context.hpp>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <spdlog/fmt/fmt.h>

#include <array>
#include <cstdio>
#include <memory>
#include <vector>

namespace sb::sim {
namespace {

using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using File = std::unique_ptr<FILE, int (*)(FILE*)>;

Error failed(std::string const& what) {
    std::array<char, 256> message{};
    ERR_error_string_n(ERR_get_error(), message.data(), message.size());
    return {Errc::invalid_config, what + ": " + message.data()};
}

void add_name(X509_NAME* name, char const* field, char const* value) {
    X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<unsigned char const*>(value), -1, -1, 0);
}

/// A cluster's default certificate: self-signed.
Certificate self_signed(EVP_PKEY* key) {
    Certificate certificate(X509_new(), X509_free);
    X509_set_version(certificate.get(), X509_VERSION_3);
    std::uint32_t serial = 0;
    RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof serial);
    ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -86400);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 10L * 365 * 86400);
    X509_set_pubkey(certificate.get(), key);
    auto* name = X509_get_subject_name(certificate.get());
    add_name(name, "O", "Scale Computing (simulated)");
    add_name(name, "CN", "localhost.localdomain");
    X509_set_issuer_name(certificate.get(), name);
    X509_sign(certificate.get(), key, EVP_sha256());
    return certificate;
}

std::string fingerprint_of(X509* certificate) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    X509_digest(certificate, EVP_sha256(), digest.data(), &length);
    std::string text;
    for (unsigned i = 0; i < length; ++i) text += fmt::format("{}{:02X}", i == 0 ? "" : ":", digest[i]);
    return text;
}

Result<void> add_chain(SSL_CTX* context, std::string const& path) {
    File const file(std::fopen(path.c_str(), "r"), std::fclose);
    if (!file) return Error{Errc::invalid_config, "cannot open " + path};
    while (X509* more = PEM_read_X509(file.get(), nullptr, nullptr, nullptr))
        SSL_CTX_add_extra_chain_cert(context, more);  // takes ownership
    ERR_clear_error();
    return {};
}

}  // namespace

Result<std::string> set_up_tls(boost::asio::ssl::context& context, TlsFiles const& files) {
    SSL_CTX* const native = context.native_handle();
    SSL_CTX_set_min_proto_version(native, TLS1_2_VERSION);
    if (files.certificate.empty()) {
        Key const key(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256"), EVP_PKEY_free);
        if (!key) return failed("create a key");
        auto const certificate = self_signed(key.get());
        if (SSL_CTX_use_certificate(native, certificate.get()) != 1) return failed("use the generated certificate");
        if (SSL_CTX_use_PrivateKey(native, key.get()) != 1) return failed("use the generated key");
    } else {
        if (SSL_CTX_use_certificate_chain_file(native, files.certificate.c_str()) != 1)
            return failed(files.certificate);
        auto const& key = files.key.empty() ? files.certificate : files.key;
        if (SSL_CTX_use_PrivateKey_file(native, key.c_str(), SSL_FILETYPE_PEM) != 1) return failed(key);
    }
    if (!files.extra_chain.empty())
        if (auto added = add_chain(native, files.extra_chain); !added) return added.error();
    SSL_CTX_set_session_cache_mode(native, SSL_SESS_CACHE_SERVER);
    static constexpr unsigned char context_id[] = "hypercore-sim";
    SSL_CTX_set_session_id_context(native, context_id, sizeof context_id - 1);
    return fingerprint_of(SSL_CTX_get0_certificate(native));
}

}  // namespace sb::sim
