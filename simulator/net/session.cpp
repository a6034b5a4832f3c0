#include "simulator/net/listener.hpp"
#include "simulator/net/node_front.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>
#include <optional>

namespace sb::sim {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
using asio::redirect_error;
using asio::use_awaitable;
using boost::system::error_code;
using Tcp = asio::ip::tcp;
using Parser = http::request_parser<http::buffer_body>;

/// Faults while a body is received.
struct UploadFault {
    explicit UploadFault(std::vector<Fault> const& faults) {
        for (auto const& fault : faults) {
            auto const bytes = static_cast<std::uint64_t>(fault.bytes);
            if (fault.kind == "upload_slow") rate = static_cast<double>(bytes);
            else after = bytes;
            if (fault.kind == "upload_refused") refusal = Response{fault.status, "application/json", fault.body, {}};
        }
    }
    std::uint64_t after = std::numeric_limits<std::uint64_t>::max();
    double rate = 0;  ///< bytes per second; 0 = as fast as possible
    std::optional<Response> refusal;
    bool injected = false;
};

/// A file with holes for zeros: an empty image of any size takes neither space nor time.
class SparseSink {
public:
    explicit SparseSink(std::string const& file) {
        if (!file.empty()) out_.open(file, std::ios::binary);
    }
    SparseSink(SparseSink const&) = delete;
    SparseSink& operator=(SparseSink const&) = delete;
    ~SparseSink() {
        if (!hole_) return;
        out_.seekp(-1, std::ios::cur);
        out_.put('\0');
    }
    bool is_open() const { return out_.is_open(); }
    void write(std::string_view bytes) {
        if (bytes.empty()) return;
        hole_ = bytes.find_first_not_of('\0') == std::string_view::npos;
        auto const count = static_cast<std::streamsize>(bytes.size());
        if (hole_) out_.seekp(count, std::ios::cur);
        else out_.write(bytes.data(), count);
    }

private:
    std::ofstream out_;
    bool hole_ = false;  ///< the file ends with a hole
};

class Connection {
public:
    Connection(Tcp::socket socket, NodeFront& node, Server& server, ConnectionLimits limits)
        : tls_(node.tls()),
          stream_(std::move(socket), *tls_),
          node_(node),
          all_(node.sockets()),
          server_(server),
          limits_(limits) {
        all_->insert(&tcp().socket());
    }
    ~Connection() { all_->erase(&tcp().socket()); }
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;

    task<void> run() {
        ++stats().connections;
        bool const welcome = co_await greet();
        if (!welcome) co_return;
        for (std::uint64_t served = 1; open_; ++served) {
            last_ = limits_.requests != 0 && served >= limits_.requests;
            bool const more = co_await serve_one();
            if (!more) break;
        }
    }

private:
    Stats& stats() { return node_.number() == 0 ? uncounted_ : server_.sim().stats; }
    beast::tcp_stream& tcp() { return beast::get_lowest_layer(stream_); }

    task<bool> greet() {
        std::string kind = node_.stage() == "502" ? "" : node_.stage();
        if (kind == "hang") kind = "connect_hang";
        for (auto const& fault : server_.on_connection(node_.number())) kind = fault.kind;
        std::array<char, 4096> scrap{};
        error_code error;
        if (kind == "tls_abort") {  // the client's hello is read, so that its bytes do not cause a reset
            co_await tcp().async_read_some(asio::buffer(scrap), redirect_error(use_awaitable, error));
        }
        while (kind == "connect_hang" && !error) {
            co_await tcp().async_read_some(asio::buffer(scrap), redirect_error(use_awaitable, error));
        }
        if (!kind.empty()) {
            ++stats().failed_handshakes;
            ++stats().closed_by_server;
            tcp().close();
            co_return false;
        }
        tcp().expires_after(std::chrono::seconds(30));
        co_await stream_.async_handshake(asio::ssl::stream_base::server, redirect_error(use_awaitable, error));
        if (error) {
            ++stats().failed_handshakes;
            co_return false;
        }
        ++(SSL_session_reused(stream_.native_handle()) == 1 ? stats().resumed_handshakes : stats().full_handshakes);
        co_return true;
    }

    /// False if the connection has ended.
    task<bool> serve_one() {
        Parser parser;
        parser.body_limit(boost::none);
        parser.header_limit(64 * 1024);
        error_code error;
        tcp().expires_after(limits_.idle);
        co_await http::async_read_header(stream_, buffer_, parser, redirect_error(use_awaitable, error));
        if (error) co_return co_await gone(error);
        Request request = head_of(parser);
        request.node = node_.number();
        keep_alive_ = parser.get().keep_alive() && !last_;

        auto const place = server_.place_of(request);
        if (place.refusal.status != 200) {
            keep_alive_ = false;  // its body is still being sent
            (void)server_.judge(request);
            Delivery refusal;
            server_.finish(refusal, place.refusal);
            co_return co_await deliver(std::move(refusal));
        }
        UploadFault fault(place.faults);
        bool const whole = co_await read_body(parser, request, place.file, fault);
        if (fault.injected && fault.refusal) {
            keep_alive_ = false;
            (void)server_.judge(request);
            Delivery refusal;
            server_.finish(refusal, *fault.refusal);
            co_return co_await deliver(std::move(refusal));
        }
        if (fault.injected) drop(true);
        if (!whole) co_return false;
        tcp().expires_never();

        if (node_.stage() == "502") {
            Delivery away;
            away.counted = false;  // the front server responds; the API does not see the request
            server_.finish(away, html_error(502, "Bad Gateway"));
            co_return co_await deliver(std::move(away));
        }
        auto faults = server_.judge(request);
        co_await pause(Server::delay_of(faults));
        auto delivery = server_.serve(request, std::move(faults));
        if (delivery.later) {
            co_await wait_for(delivery.later);
            server_.finish(delivery, std::move(*delivery.later->response));
        }
        co_return co_await deliver(std::move(delivery));
    }

    static Request head_of(Parser const& parser) {
        auto const& head = parser.get();
        Request request;
        request.method = std::string(head.method_string());
        read_target(request, std::string(head.target()));
        request.authorization = std::string(head[http::field::authorization]);
        request.cookie = std::string(head[http::field::cookie]);
        request.chunked = parser.chunked();
        if (auto const length = parser.content_length()) request.content_length = *length;
        return request;
    }

    task<bool> read_body(Parser& parser, Request& request, std::string file, UploadFault& fault) {
        error_code error;
        if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
            std::string const continue_line = "HTTP/1.1 100 Continue\r\n\r\n";
            co_await asio::async_write(stream_, asio::buffer(continue_line), redirect_error(use_awaitable, error));
        }
        SparseSink sink(file);
        request.body_file = file;
        std::vector<char> chunk(64 * 1024);
        while (!parser.is_done() && !error) {
            parser.get().body().data = chunk.data();
            parser.get().body().size = chunk.size();
            parser.get().body().more = true;
            tcp().expires_after(limits_.idle);
            co_await http::async_read_some(stream_, buffer_, parser, redirect_error(use_awaitable, error));
            if (error == http::error::need_buffer) error = {};
            auto const got = chunk.size() - parser.get().body().size;
            request.body_bytes += got;
            if (sink.is_open()) {
                sink.write(std::string_view(chunk.data(), got));
            } else {
                request.body.append(chunk.data(), got);
            }
            if (request.body.size() > limits_.body_bytes) co_return false;
            fault.injected = request.body_bytes >= fault.after;
            if (fault.injected) co_return false;
            if (fault.rate > 0) co_await pause(static_cast<double>(got) / fault.rate);
        }
        co_return !error;
    }

    task<void> pause(double seconds) {
        if (seconds <= 0) co_return;
        asio::steady_timer timer(stream_.get_executor(),
                                 std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6)));
        error_code error;
        co_await timer.async_wait(redirect_error(use_awaitable, error));
    }

    task<void> wait_for(std::shared_ptr<Later> later) {
        asio::steady_timer event(stream_.get_executor(), asio::steady_timer::time_point::max());
        later->wake = [&event] { event.cancel(); };
        error_code error;
        while (!later->response) co_await event.async_wait(redirect_error(use_awaitable, error));
        later->wake = nullptr;
    }

    task<bool> deliver(Delivery delivery) {
        co_await pause(delivery.delay_seconds);
        if (delivery.mode == DeliveryMode::silent) co_await stay_silent();
        bool const has_body = delivery.mode == DeliveryMode::whole || delivery.mode == DeliveryMode::cut ||
                              delivery.mode == DeliveryMode::cut_reset || delivery.mode == DeliveryMode::drip;
        if (!has_body) {
            drop(delivery.mode == DeliveryMode::reset);
            co_return false;
        }
        std::string const text = serialized(delivery);
        error_code error;
        tcp().expires_after(std::chrono::seconds(60));
        if (delivery.mode == DeliveryMode::drip) {
            co_await drip(text, delivery.drip_rate);
        } else {
            co_await asio::async_write(stream_, asio::buffer(text), redirect_error(use_awaitable, error));
        }
        if (delivery.mode == DeliveryMode::cut) drop(false);
        if (delivery.mode == DeliveryMode::cut_reset) drop(true);
        if (delivery.mode == DeliveryMode::cut || delivery.mode == DeliveryMode::cut_reset || error) co_return false;
        if (delivery.framing == "long_length") co_await stay_silent();
        if (!keep_alive_ || delivery.framing == "http10") {
            co_await say_goodbye();
            co_return false;
        }
        co_return keep_alive_;
    }

    std::string serialized(Delivery const& delivery) const {
        auto const& response = delivery.response;
        std::string headers;
        for (auto const& [name, value] : response.headers) headers += name + ": " + value + "\r\n";
        if (delivery.framing == "http10")
            return fmt::format("HTTP/1.0 {} {}\r\nContent-Type: {}\r\n{}\r\n{}", response.status,
                               reason_of(response.status), response.content_type, headers, response.body);
        if (delivery.framing == "bad_chunks")
            return fmt::format(
                "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nTransfer-Encoding: chunked\r\n{}\r\n"
                "4\r\n[{{\"u\r\nzz\r\n{}",
                response.status, reason_of(response.status), response.content_type, headers, response.body);
        auto length_told = response.body.size();
        if (delivery.framing == "long_length") length_told += 100;
        if (delivery.framing == "short_length") length_told /= 2;
        std::string const head = fmt::format(
            "HTTP/1.1 {} {}\r\nServer: nginx\r\nContent-Type: {}\r\nContent-Length: {}\r\n"
            "Connection: {}\r\n",
            response.status, reason_of(response.status), response.content_type, length_told,
            keep_alive_ ? "keep-alive" : "close");
        bool const half = delivery.mode == DeliveryMode::cut || delivery.mode == DeliveryMode::cut_reset;
        auto const length = half ? response.body.size() / 2 : response.body.size();
        return head + headers + "\r\n" + response.body.substr(0, length);
    }

    task<void> drip(std::string text, std::int64_t rate) {
        error_code error;
        auto const part = std::max<std::size_t>(1, static_cast<std::size_t>(rate) / 10);
        for (std::size_t at = 0; at < text.size() && !error; at += part) {
            tcp().expires_never();
            auto const piece = asio::buffer(text.data() + at, std::min(part, text.size() - at));
            co_await asio::async_write(stream_, piece, redirect_error(use_awaitable, error));
            co_await pause(static_cast<double>(piece.size()) / static_cast<double>(rate));
        }
    }

    /// Keeps the connection open without a response until the client gives up.
    task<void> stay_silent() {
        std::array<char, 512> scrap{};
        error_code error;
        tcp().expires_never();
        while (!error) co_await stream_.async_read_some(asio::buffer(scrap), redirect_error(use_awaitable, error));
    }

    void drop(bool with_reset) {
        ++stats().closed_by_server;
        error_code ignored;
        if (with_reset) tcp().socket().set_option(asio::socket_base::linger(true, 0), ignored);
        tcp().close();
    }

    task<void> say_goodbye() {
        ++stats().closed_by_server;
        error_code error;
        tcp().expires_after(std::chrono::seconds(2));
        co_await stream_.async_shutdown(redirect_error(use_awaitable, error));
        tcp().close();
    }

    /// No further request: the client has left, or was idle for too long.
    task<bool> gone(error_code error) {
        if (error == beast::error::timeout) ++stats().closed_by_server;
        tcp().close();
        co_return false;
    }

    std::shared_ptr<asio::ssl::context> tls_;
    beast::ssl_stream<beast::tcp_stream> stream_;
    beast::flat_buffer buffer_;
    NodeFront& node_;
    std::shared_ptr<std::set<Tcp::socket*>> all_;  ///< of the node
    Stats uncounted_;
    Server& server_;
    ConnectionLimits limits_;
    bool open_ = true;
    bool last_ = false;
    bool keep_alive_ = true;
};

}  // namespace

task<void> serve_connection(Tcp::socket socket, NodeFront& node, Server& server, ConnectionLimits limits) {
    try {
        Connection connection(std::move(socket), node, server, limits);
        co_await connection.run();
    } catch (std::exception const& failure) {
        spdlog::warn("connection: {}", failure.what());
    }
}

}  // namespace sb::sim
