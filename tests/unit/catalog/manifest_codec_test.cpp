#include "daemon/catalog/manifest_codec.hpp"
#include "daemon/catalog/manifest_edit.hpp"

#include "common/json/document.hpp"
#include "tests/unit/catalog/sample_manifest.hpp"

#include <gtest/gtest.h>

namespace sb::catalog {
namespace {

std::string replaced(std::string text, std::string const& from, std::string const& to) {
    auto const at = text.find(from);
    EXPECT_NE(at, text.npos) << from;
    return text.replace(at, from.size(), to);
}

Errc code_of(std::string const& text) {
    auto const result = decode_manifest(text);
    return result ? Errc{} : result.error().code;
}

TEST(ManifestCodec, AWrittenManifestReadsBackUnchanged) {
    auto manifest = test::sample_manifest();
    auto const read = decode_manifest(encode_manifest(manifest));
    ASSERT_TRUE(read) << read.error().context;
    EXPECT_EQ(*read, manifest);
    manifest.verified.reset();
    manifest.vm_tags.clear();
    EXPECT_EQ(*decode_manifest(encode_manifest(manifest)), manifest);
}

TEST(ManifestCodec, UnknownFieldsAreIgnored) {
    auto const text =
        replaced(encode_manifest(test::sample_manifest()), "\"backup\":", "\"later\": {\"x\": [1]}, \"backup\":");
    EXPECT_EQ(*decode_manifest(text), test::sample_manifest());
}

TEST(ManifestCodec, ANewerVersionIsRefused) {
    EXPECT_EQ(code_of(replaced(encode_manifest(test::sample_manifest()), "\"version\": 1", "\"version\": 2")),
              Errc::refused);
}

TEST(ManifestCodec, ProtectionChangesNothingElse) {
    auto manifest = test::sample_manifest();
    auto const text = encode_manifest(manifest);
    EXPECT_EQ(*with_protection(text, true), text) << "it was already protected; not a single byte changes";
    manifest.is_protected = false;
    EXPECT_EQ(*with_protection(text, false), encode_manifest(manifest));
    EXPECT_EQ(*with_protection(*with_protection(text, false), true), text);
}

TEST(ManifestCodec, ProtectionKeepsFieldsOfLaterVersions) {
    auto const good = encode_manifest(test::sample_manifest());
    auto const later = replaced(good, "\"backup\":",
                                "\"later\": {\"x\": [1, -2, 1.5, 18446744073709551615, null, "
                                "true, \"\u00e9\\n\", {}, []]},"
                                " \"backup\":");
    auto const changed = with_protection(later, false);
    ASSERT_TRUE(changed);
    EXPECT_FALSE(decode_manifest(*changed)->is_protected);
    auto const before = json::Document::parse(later), after = json::Document::parse(*changed);
    EXPECT_EQ(before->root()["later"].dump(), after->root()["later"].dump());
    EXPECT_EQ(before->root().size(), after->root().size());
    EXPECT_EQ(*with_protection(*changed, true), *with_protection(later, true));
}

TEST(ManifestCodec, AMissingOrRepeatedProtectionIsWrittenOnce) {
    auto const good = encode_manifest(test::sample_manifest());
    auto const missing = with_protection(replaced(good, "\"protected\": true,", ""), true);
    ASSERT_TRUE(missing);
    EXPECT_EQ(*decode_manifest(*missing), test::sample_manifest());
    auto const twice =
        with_protection(replaced(good, "\"protected\": true,", "\"protected\": false, \"protected\": 7,"), true);
    ASSERT_TRUE(twice);
    EXPECT_EQ(*twice, good);
}

TEST(ManifestCodec, ProtectionIsNotWrittenIntoAnUnreadableManifest) {
    auto const good = encode_manifest(test::sample_manifest());
    EXPECT_EQ(with_protection("{", true).error().code, Errc::damaged_backup);
    EXPECT_EQ(with_protection("{}", true).error().code, Errc::damaged_backup);
    EXPECT_EQ(with_protection(replaced(good, "\"version\": 1", "\"version\": 2"), true).error().code, Errc::refused);
}

TEST(ManifestCodec, AnInvalidManifestIsDamaged) {
    auto const good = encode_manifest(test::sample_manifest());
    for (std::string const text : {"", "{}", "[]", "null", "{\"format\":1}"})
        EXPECT_EQ(code_of(text), Errc::damaged_backup) << text;
    EXPECT_EQ(code_of(replaced(good, "vm_uuid", "vm_uuud")), Errc::damaged_backup);
    EXPECT_EQ(code_of(replaced(good, "\"started\"", "\"began\"")), Errc::damaged_backup);
    EXPECT_EQ(code_of(replaced(good, "d1.qcow2", "../d1.qcow2")), Errc::damaged_backup);
    EXPECT_EQ(code_of(replaced(good, "d1.qcow2", "..")), Errc::damaged_backup);
    EXPECT_EQ(code_of(replaced(good, "\"size_bytes\": 3", "\"size_bytes\": -3")), Errc::damaged_backup);
    for (std::size_t length = 0; length < good.size() - 1; ++length) {
        auto const cut = good.substr(0, length);
        if (!decode_manifest(cut)) continue;
        EXPECT_EQ(cut.find_last_not_of(" \n"), good.find_last_not_of(" \n")) << length;
    }
}

TEST(ManifestCodec, NoWrongByteCausesACrash) {
    auto const good = encode_manifest(test::sample_manifest());
    for (std::size_t at = 0; at < good.size(); ++at)
        for (char const c : {'\0', '"', '{', '9', '\xff'}) {
            auto text = good;
            text[at] = c;
            (void)decode_manifest(text);
        }
}

}  // namespace
}  // namespace sb::catalog
