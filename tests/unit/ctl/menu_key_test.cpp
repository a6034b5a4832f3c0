#include "ctl/menu/key.hpp"

#include <gmock/gmock.h>

#include <random>

namespace sb::ctl {
namespace {

using Kind = Key::Kind;

std::vector<Key> keys_of(std::string const& bytes) {
    KeyDecoder decoder;
    decoder.feed(bytes);
    std::vector<Key> keys;
    while (auto key = decoder.next()) keys.push_back(*key);
    if (auto key = decoder.settle()) keys.push_back(*key);
    return keys;
}

std::vector<Kind> kinds_of(std::string const& bytes) {
    std::vector<Kind> kinds;
    for (auto const& key : keys_of(bytes)) kinds.push_back(key.kind);
    return kinds;
}

using testing::ElementsAre;

TEST(MenuKeys, ArrowsInAllTheFormsThatTerminalsSend) {
    EXPECT_THAT(kinds_of("\x1b[A\x1b[B\x1bOA\x1bOB"), ElementsAre(Kind::up, Kind::down, Kind::up, Kind::down));
    EXPECT_THAT(kinds_of("\x1b[5~\x1b[6~\x1b[H\x1b[F\x1b[1~\x1b[4~"),
                ElementsAre(Kind::page_up, Kind::page_down, Kind::first, Kind::last, Kind::first, Kind::last));
}

TEST(MenuKeys, ALoneEscapeIsAKeyOnceNothingFollows) {
    KeyDecoder decoder;
    decoder.feed("\x1b");
    EXPECT_EQ(decoder.next(), std::nullopt);
    EXPECT_TRUE(decoder.waits());
    EXPECT_EQ(decoder.settle(), Key{Kind::escape});
    EXPECT_FALSE(decoder.waits());
}

TEST(MenuKeys, ASequenceThatComesInPiecesIsOneKey) {
    KeyDecoder decoder;
    for (char const byte : std::string("\x1b[")) {
        decoder.feed(std::string(1, byte));
        EXPECT_EQ(decoder.next(), std::nullopt);
    }
    decoder.feed("A");
    EXPECT_EQ(decoder.next(), Key{Kind::up});
}

TEST(MenuKeys, SequencesThatMeanNothingHereTypeNothing) {
    EXPECT_THAT(keys_of("\x1b[15~\x1b[200~\x1b[1;2P\x1b[?1;2cx"), ElementsAre(Key{Kind::text, "x"}));
}

TEST(MenuKeys, LettersOfAllScriptsAreText) {
    EXPECT_THAT(keys_of("aä漢😀"),
                ElementsAre(Key{Kind::text, "a"}, Key{Kind::text, "ä"}, Key{Kind::text, "漢"}, Key{Kind::text, "😀"}));
}

TEST(MenuKeys, BytesThatAreNoTextAreLeftOut) {
    EXPECT_THAT(keys_of("\xff\xc3(\x80\x01z"), ElementsAre(Key{Kind::text, "("}, Key{Kind::text, "z"}));
}

TEST(MenuKeys, ControlKeys) {
    EXPECT_THAT(kinds_of("\r\n\x7f\b\x03\x04\x15"),
                ElementsAre(Kind::enter, Kind::enter, Kind::backspace, Kind::backspace, Kind::interrupt, Kind::end,
                            Kind::clear));
}

TEST(MenuKeys, AnyBytesAreTakenInAndEnd) {
    std::mt19937 random(7);
    for (int round = 0; round < 2000; ++round) {
        std::string bytes;
        for (int i = 0; i < 40; ++i) bytes += static_cast<char>(random() % 4 == 0 ? 0x1b : random() & 0xff);
        EXPECT_LE(keys_of(bytes).size(), bytes.size());
    }
}

}  // namespace
}  // namespace sb::ctl
