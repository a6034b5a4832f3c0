#include "daemon/app/show_fingerprints.hpp"

#include "daemon/hypercore/make_cluster.hpp"
#include "daemon/net/https_transport.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>

namespace sb::app {

namespace {

using Certificates = Result<std::vector<net::DetectedCertificate>>;

Certificates detect(net::Endpoint const& endpoint) {
    asio::io_context io{1};
    std::optional<Certificates> found;
    auto done = [&found](std::exception_ptr failure, Certificates answer) {
        if (failure) std::rethrow_exception(failure);
        found = std::move(answer);
    };
    asio::co_spawn(io, net::detect_fingerprints(io.get_executor(), endpoint, net::ConnectionLimits{}), done);
    io.run();
    return std::move(*found);
}

std::string line_of(net::DetectedCertificate const& certificate) {
    return net::to_text(certificate.fingerprint) + " (Subject: " + certificate.subject + ", valid " +
           format_rfc3339(certificate.not_before).substr(0, 10) + " to " +
           format_rfc3339(certificate.not_after).substr(0, 10) + ")\n";
}

}  // namespace

Result<std::string> describe_certificates(config::Scale const& scale) {
    bool const several = scale.hosts.size() > 1;
    std::string lines;
    std::string addresses;
    std::string failures;
    std::optional<Error> failure;
    for (auto const& host : scale.hosts) {
        auto const endpoint = hypercore::endpoint_of(host);
        auto const where = net::to_text(endpoint);
        auto const found = detect(endpoint);
        if (!found) {
            failure = while_doing(found.error(), "reading the certificate of " + where);
            failures += failure->context + "\n";
            continue;
        }
        if (several) lines += "of node " + where + "\n";
        for (auto const& certificate : *found) lines += line_of(certificate);
        addresses += (addresses.empty() ? "https://" : " and https://") + where;
    }
    if (lines.empty()) return *failure;
    std::string text = "Scale CertFingerprint not set\nDetected fingerprints:\n" + lines + failures + "\n";
    text += several ? "The first of each node is its own. Compare them with what a browser shows for " + addresses +
                          ", then add them as a list to [Scale] CertFingerprint.\n"
                    : "The first is the cluster's own. Compare it with what a browser shows for " + addresses +
                          ", then add it to [Scale] CertFingerprint.\n";
    return text;
}

}  // namespace sb::app
