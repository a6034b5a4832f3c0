#include "daemon/app/first_contact.hpp"

#include "daemon/hypercore/make_cluster.hpp"
#include "daemon/net/https_transport.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <exception>
#include <optional>

namespace sb::app {

Result<std::string> describe_certificates(config::Scale const& scale) {
    using Found = Result<std::vector<net::DetectedCertificate>>;
    asio::io_context io{1};
    std::optional<Found> found;
    auto done = [&found](std::exception_ptr failure, Found answer) {
        if (failure) std::rethrow_exception(failure);
        found = std::move(answer);
    };
    auto const endpoint = hypercore::endpoint_of(scale);
    asio::co_spawn(io, net::detect_fingerprints(io.get_executor(), endpoint, net::ConnectionLimits{}), done);
    io.run();
    if (!*found) return while_doing(found->error(), "looking at the certificate of " + net::to_text(endpoint));

    std::string text = "Scale CertFingerprint not set\nDetected fingerprints:\n";
    for (auto const& certificate : **found)
        text += net::to_text(certificate.fingerprint) + " (Subject: " + certificate.subject + ", valid " +
                format_rfc3339(certificate.not_before).substr(0, 10) + " to " +
                format_rfc3339(certificate.not_after).substr(0, 10) + ")\n";
    text += "\nThe first is the cluster's own. Compare it with what a browser shows for https://" + net::to_text(endpoint) +
            ", then put it into [Scale] CertFingerprint.\n";
    return text;
}

}  // namespace sb::app
