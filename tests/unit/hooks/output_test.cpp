#include "daemon/hooks/output.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sb::hooks {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(HookOutput, KeepsTheLastBytesHoweverTheyArrive) {
    std::string all;
    for (int i = 0; i < 1000; ++i) all += std::to_string(i) + "\n";
    for (std::size_t const piece : {1u, 7u, 64u, 100u, 5000u}) {
        Tail tail(64);
        for (std::size_t at = 0; at < all.size(); at += piece) tail.add(std::string_view(all).substr(at, piece));
        EXPECT_EQ(tail.text(), all.substr(all.size() - 64)) << piece;
    }
}

TEST(HookOutput, KeepsShortOutputWhole) {
    Tail tail(8);
    tail.add("12345678");
    EXPECT_EQ(tail.text(), "12345678");
}

TEST(HookOutput, DoesNotStartWithinACharacter) {
    Tail tail(5);
    tail.add("ab\u20ac\u20ac");  // two Euro signs, three bytes each
    EXPECT_EQ(tail.text(), "\u20ac");
}

TEST(HookOutput, LinesAreCompleteWhereverThePiecesEnd) {
    Lines lines(100);
    EXPECT_THAT(lines.add("on"), IsEmpty());
    EXPECT_THAT(lines.add("e\ntwo\r\n\nth"), ElementsAre("one", "two", ""));
    EXPECT_THAT(lines.rest(), ElementsAre("th"));
    EXPECT_THAT(lines.rest(), IsEmpty());
}

TEST(HookOutput, OfAProgressDisplayOnlyTheLastStateIsALine) {
    Lines lines(100);
    EXPECT_THAT(lines.add(" (10/100%)\r (50/100%)\r (100/100%)\r\n"), ElementsAre(" (100/100%)"));
}

TEST(HookOutput, ALineWithoutEndIsCutInPieces) {
    Lines lines(4);
    EXPECT_THAT(lines.add("abcdefghi"), ElementsAre("abcd", "efgh"));
    EXPECT_THAT(lines.rest(), ElementsAre("i"));
}

}  // namespace
}  // namespace sb::hooks
