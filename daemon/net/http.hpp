#pragma once
// An HTTP exchange as plain values, and the interface to perform one. No sockets here: daemon/hypercore is tested with
// a fake Transport.

#include "common/error.hpp"
#include "common/secret.hpp"
#include "common/time.hpp"
#include "daemon/async/byte_source.hpp"
#include "daemon/async/task.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace sb::net {

enum class Method { get, post, put };

/// "GET", "POST", "PUT".
inline char const* name_of(Method method) {
    if (method == Method::put) return "PUT";
    return method == Method::get ? "GET" : "POST";
}

struct HttpRequest {
    Method method = Method::get;
    std::string target;                   ///< "/rest/v1/VirDomain", encoded by the caller
    Secret authorization;                 ///< value of the Authorization header; empty = none
    Secret body;                          ///< JSON; empty = no body. Exports and imports contain the SMB password
    std::shared_ptr<ByteSource> content;  ///< instead of `body`: sent piece by piece, with its length, never chunked
    /// For the whole exchange: waiting for a connection, opening it, the reply. With `content`: for each of its
    /// pieces, and for the reply after the last one.
    Milliseconds limit{30'000};
    std::size_t max_body = std::size_t{16} << 20;  ///< of a reply, in bytes
};

struct HttpReply {
    unsigned status = 0;
    std::string content_type;
    std::string location;  ///< of a redirect
    std::string body;
    /// The server's clock, as HTTP writes it: "Sun, 06 Nov 1994 08:49:37 GMT". Empty if the header is absent or
    /// repeated.
    std::string date{};
};

/// Whether the server may have received the request. `no` is a guarantee: it cannot have acted on it.
enum class Sent { no, maybe };

struct ExchangeFailure {
    Sent sent = Sent::no;
    Error error;
};

using ExchangeResult = boost::system::result<HttpReply, ExchangeFailure>;

[[noreturn]] inline void throw_exception_from_error(ExchangeFailure const& f, boost::source_location const& where) {
    sb::throw_exception_from_error(f.error, where);
}

/// Statistics of the connections to the server.
struct Counters {
    std::uint64_t connections = 0;       ///< TCP connections that were established
    std::uint64_t handshakes = 0;        ///< TLS handshakes that succeeded
    std::uint64_t resumed = 0;           ///< of these: with an earlier session, cheap for both sides
    std::uint64_t closed_by_server = 0;  ///< connections that the server ended, idle or in use
    std::uint64_t requests = 0;          ///< requests that were (perhaps) sent
    std::uint64_t open = 0;              ///< connections that are open now
};

class Transport {
public:
    virtual ~Transport() = default;

    /// Any HTTP status is a reply. Errors: unreachable, timed_out, pin_mismatch, malformed (a reply that is not HTTP or
    /// too large), cancelled. A cancelled exchange closes its connection.
    virtual task<ExchangeResult> exchange(HttpRequest request) = 0;
    virtual Counters counters() const = 0;
    /// Closes the idle connections and lets no further exchange start. Running ones are cancelled by their owner.
    virtual void close() = 0;
};

}  // namespace sb::net
