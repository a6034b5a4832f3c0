// Requests whose content is sent piece by piece.
#include "net_fixture.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sb::net::test {
namespace {

class Letters final : public ByteSource {
public:
    explicit Letters(std::uint64_t size) : size_(size) {}
    std::optional<std::uint64_t> breaks_at;
    std::size_t largest_piece = 0;

    std::uint64_t size() const override { return size_; }
    task<Result<std::size_t>> read_some(std::span<char> into) override {
        if (breaks_at && given_ >= *breaks_at) co_return Error{Errc::io, "the file ends early"};
        auto const count = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), size_ - given_));
        std::fill_n(into.begin(), count, 'x');
        given_ += count;
        largest_piece = std::max(largest_piece, count);
        co_return count;
    }

private:
    std::uint64_t size_;
    std::uint64_t given_ = 0;
};

class Content : public NetTest {
protected:
    task<ExchangeResult> put(std::shared_ptr<ByteSource> content) {
        auto request = request_of(Method::put);
        request.content = std::move(content);
        return transport->exchange(std::move(request));
    }
    std::shared_ptr<Letters> letters = std::make_shared<Letters>(3'000'000);
};

TEST_F(Content, GoesWithItsLengthAndInPieces) {
    start_and_connect();
    auto const test = [&]() -> task<void> {
        auto result = co_await put(letters);
        EXPECT_TRUE(result.has_value()) << result.error().error.context;
        auto next = co_await get();
        EXPECT_TRUE(next.has_value());
    };
    run(test);
    auto const& seen = server->requests.at(0);
    EXPECT_TRUE(seen.head.starts_with("PUT "));
    EXPECT_THAT(seen.head, HasSubstr("Content-Length: 3000000\r\n"));
    EXPECT_THAT(seen.head, HasSubstr("Content-Type: application/octet-stream\r\n"));
    EXPECT_THAT(seen.head, ::testing::Not(HasSubstr("chunked")));
    EXPECT_EQ(seen.body, std::string(3'000'000, 'x'));
    EXPECT_LE(letters->largest_piece, 256u * 1024);
    EXPECT_EQ(server->accepted, 1) << "the connection is kept";
}

TEST_F(Content, ThatEndsEarlyIsNotARequest) {
    start_and_connect();
    letters->breaks_at = 1'000'000;
    auto const test = [&]() -> task<void> {
        auto result = co_await put(letters);
        EXPECT_EQ(result.error().error.code, Errc::io);
        EXPECT_EQ(result.error().error.context, "the file ends early");
        EXPECT_EQ(result.error().sent, Sent::no);
        auto next = co_await get();
        EXPECT_TRUE(next.has_value()) << "a broken request spoils no other";
    };
    run(test);
    EXPECT_EQ(server->requests.size(), 1u);
}

TEST_F(Content, IsNotSentAgainWhenTheConnectionIsLost) {
    start_and_connect();
    letters = std::make_shared<Letters>(200'000'000);
    auto const lose = [&]() -> task<void> {
        co_await server->first_accepted.wait();
        auto const enough = [this] { return server->request_bytes > 1'000'000; };
        asio::steady_timer timer(io);
        boost::system::error_code ec;
        while (!enough()) {
            timer.expires_after(milliseconds{1});
            co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ec));
        }
        server->drop_connections();
    };
    auto const test = [&]() -> task<void> {
        auto started = begin(put(letters));
        co_await lose();
        co_await started->done.wait();
        EXPECT_EQ(started->result->error().error.code, Errc::unreachable);
        EXPECT_THAT(started->result->error().error.context, HasSubstr("of 200000000 bytes"));
        EXPECT_EQ(started->result->error().sent, Sent::no) << "half a request is none";
    };
    run(test);
    EXPECT_EQ(server->accepted, 1);
}

TEST_F(Content, CanBeStopped) {
    start_and_connect();
    letters = std::make_shared<Letters>(4'000'000'000);
    auto const test = [&]() -> task<void> {
        auto started = begin(put(letters));
        co_await server->first_accepted.wait();
        started->stop.emit(asio::cancellation_type::terminal);
        co_await started->done.wait();
        EXPECT_TRUE(started->threw || started->result->error().error.code == Errc::cancelled);
    };
    run(test);
}

}  // namespace
}  // namespace sb::net::test
