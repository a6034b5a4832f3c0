#include "common/secret.hpp"

#include <gtest/gtest.h>

#include <new>
#include <string_view>

namespace sb::test {
namespace {

/// What remains in the memory of a Secret after its use.
class LeftBehind : public testing::TestWithParam<std::string_view> {
protected:
    /// A short string is stored inside the object. Its first bytes may be reused.
    bool holds_the_password() const {
        return std::string_view(memory_, sizeof memory_).find(GetParam().substr(1, 6)) != std::string_view::npos;
    }
    Secret* make() { return new (memory_) Secret(std::string(GetParam())); }
    alignas(Secret) char memory_[sizeof(Secret)]{};
};

TEST_P(LeftBehind, NothingAfterItWasMovedAway) {
    auto* const secret = make();
    Secret const taken(std::move(*secret));
    EXPECT_FALSE(holds_the_password());
    secret->~Secret();
    EXPECT_FALSE(holds_the_password());
    EXPECT_EQ(taken.reveal(), GetParam());
}

TEST_P(LeftBehind, NothingAfterItWasMovedIntoAnother) {
    auto* const secret = make();
    Secret taken(std::string("one before"));
    taken = std::move(*secret);
    EXPECT_FALSE(holds_the_password());
    secret->~Secret();
    EXPECT_EQ(taken.reveal(), GetParam());
}

TEST_P(LeftBehind, NothingAfterItsEnd) {
    auto* const secret = make();
    secret->~Secret();
    EXPECT_FALSE(holds_the_password());
}

TEST_P(LeftBehind, NothingAfterAShorterOneTookItsPlace) {
    auto* const secret = make();
    *secret = Secret(std::string("x"));
    EXPECT_FALSE(holds_the_password());
    EXPECT_EQ(secret->reveal(), "x");
    secret->~Secret();
}

INSTANTIATE_TEST_SUITE_P(Secrets, LeftBehind,
                         testing::Values("short-secret", "fifteen-letters",
                                         "one that is too long for the object itself"));

TEST(SecretText, GivenAwayLeavesNothing) {
    std::string text = "short-secret";
    Secret const secret(std::move(text));
    EXPECT_EQ(std::string_view(text.data(), 12).find("hort"), std::string_view::npos);
    EXPECT_EQ(secret.reveal(), "short-secret");
}

TEST(SecretText, IsStillOneWhenItIsMovedIntoItself) {
    Secret secret(std::string("short-secret"));
    auto& same = secret;
    secret = std::move(same);
    EXPECT_EQ(secret.reveal(), "short-secret");
}

}  // namespace
}  // namespace sb::test
