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
    manifest.attempt = "0a1b2c3d";
    manifest.end = core::ExportEnd::inferred;
    EXPECT_EQ(*decode_manifest(encode_manifest(manifest)), manifest);
}

/// Each line of show-backups is as wide as the longest name of a VM.
TEST(ManifestCodec, AVmsNameOfHundredsOfKilobytesIsShortenedToWholeCharacters) {
    auto manifest = test::sample_manifest();
    manifest.vm_name = "x";
    for (int i = 0; i < 100'000; ++i) manifest.vm_name += "\xC3\xA4";
    auto const read = decode_manifest(encode_manifest(manifest));
    ASSERT_TRUE(read) << read.error().context;
    EXPECT_EQ(read->vm_name.size(), 511u);
    EXPECT_TRUE(manifest.vm_name.starts_with(read->vm_name));
}

std::string list_of(std::size_t entries, std::string const& entry) {
    std::string list = "[";
    for (std::size_t i = 0; i < entries; ++i) list += (i == 0 ? "" : ",") + entry;
    return list + "]";
}

/// A listing holds the manifests of all folders; 20 with a million empty disks took gigabytes.
TEST(ManifestCodec, ListsLongerThanAnyVmNeedsAreRefused) {
    auto manifest = test::sample_manifest();
    manifest.disks.clear();
    manifest.vm_tags.clear();
    manifest.adopted = core::Adopted{.at = manifest.completed};
    auto const good = encode_manifest(manifest);
    ASSERT_EQ(code_of(good), Errc{});
    for (std::string const list : {"disks", "vm_tags", "notes"}) {
        auto const with = [&](std::size_t entries) {
            auto const entry = list == "disks" ? "{}" : "\"x\"";
            return replaced(good, "\"" + list + "\": []", "\"" + list + "\": " + list_of(entries, entry));
        };
        EXPECT_EQ(code_of(with(max_manifest_entries)), Errc{}) << list;
        EXPECT_EQ(code_of(with(max_manifest_entries + 1)), Errc::damaged_backup) << list;
    }
    auto const files = list_of(max_manifest_entries + 1, R"({"name": "vm.xml", "role": "other", "size_bytes": 3})");
    EXPECT_EQ(code_of(replaced(good, "\"files\": [", "\"files\": " + files + ", \"earlier\": [")),
              Errc::damaged_backup);
}

TEST(ManifestCodec, ANameThatIsTooLongIsRefusedAndATextForPeopleIsCut) {
    std::string const text(max_manifest_text_bytes + 1, 'x');
    auto manifest = test::sample_manifest();
    manifest.damage = core::Damage{"content", manifest.completed, text};
    manifest.adopted = core::Adopted{.at = manifest.completed, .notes = {text}};
    manifest.vm_tags = {text};
    auto const read = decode_manifest(encode_manifest(manifest));
    ASSERT_TRUE(read) << read.error().context;
    EXPECT_EQ(read->damage->reason.size(), max_manifest_text_bytes);
    EXPECT_EQ(read->adopted->notes[0].size(), max_manifest_text_bytes);
    EXPECT_EQ(read->vm_tags[0].size(), max_manifest_text_bytes);

    for (auto const bytes : {max_manifest_id_bytes, max_manifest_id_bytes + 1}) {
        auto long_name = test::sample_manifest();
        long_name.backup = std::string(bytes, 'x');
        EXPECT_EQ(code_of(encode_manifest(long_name)), bytes == max_manifest_id_bytes ? Errc{} : Errc::damaged_backup);
    }
    auto long_uuid = test::sample_manifest();
    long_uuid.disks = {{.uuid = DiskUuid(text)}};
    EXPECT_EQ(code_of(encode_manifest(long_uuid)), Errc::damaged_backup);
}

TEST(ManifestCodec, OfAVmWithThousandsOfTagsAsManyAreWrittenAsAreRead) {
    auto manifest = test::sample_manifest();
    manifest.vm_tags.assign(max_manifest_entries * 3, "tag");
    auto const read = decode_manifest(encode_manifest(manifest));
    ASSERT_TRUE(read) << read.error().context;
    EXPECT_EQ(read->vm_tags.size(), max_manifest_entries);
}

TEST(ManifestCodec, AttemptAndEndAreLeftOutUnlessTheyAreKnown) {
    auto manifest = test::sample_manifest();
    auto const without = encode_manifest(manifest);
    EXPECT_EQ(without.find("\"attempt\""), without.npos);
    EXPECT_EQ(without.find("\"end\""), without.npos);
    for (auto const end : {core::ExportEnd::failed, core::ExportEnd::unflushed}) {
        manifest.end = end;
        EXPECT_EQ(encode_manifest(manifest), without) << "such an export does not become a backup";
    }
    manifest.end = core::ExportEnd::seen;
    manifest.attempt = "0a1b2c3d";
    auto const with = encode_manifest(manifest);
    EXPECT_NE(with.find("\"attempt\": \"0a1b2c3d\""), with.npos);
    EXPECT_NE(with.find("\"end\": \"seen\""), with.npos);
}

TEST(ManifestCodec, UnknownEndsAndInvalidAttemptsCountAsUnknown) {
    auto manifest = test::sample_manifest();
    manifest.end = core::ExportEnd::seen;
    manifest.attempt = "0a1b2c3d";
    auto const good = encode_manifest(manifest);
    for (std::string const end : {"\"of a later version\"", "\"failed\"", "\"unflushed\"", "\"\"", "7", "null"})
        EXPECT_EQ(decode_manifest(replaced(good, "\"end\": \"seen\"", "\"end\": " + end))->end,
                  core::ExportEnd::unknown)
            << end;
    for (std::string const attempt : {"\"0A1B2C3D\"", "\"0a1b2c3\"", "\"0a1b2c3d4\"", "\"../../..\"", "\"\"", "7"})
        EXPECT_EQ(decode_manifest(replaced(good, "\"0a1b2c3d\"", attempt))->attempt, "") << attempt;
}

TEST(ManifestCodec, WhenAPersonAcceptedTheExportIsKept) {
    auto manifest = test::sample_manifest();
    auto const without = encode_manifest(manifest);
    EXPECT_EQ(without.find("\"accepted\""), without.npos);
    manifest.accepted = UtcTime(std::chrono::seconds(1763874200));
    auto const with = encode_manifest(manifest);
    EXPECT_NE(with.find("\"accepted\": \"2025-11-23T05:03:20"), with.npos) << with;
    EXPECT_EQ(*decode_manifest(with), manifest);
    EXPECT_EQ(code_of(replaced(with, "\"accepted\": \"2025", "\"accepted\": \"soon")), Errc::damaged_backup);
    EXPECT_FALSE(decode_manifest(replaced(without, "\"program\"", "\"accepted\": null, \"program\""))->accepted);
}

TEST(ManifestCodec, AManifestOfAnEarlierVersionIsRead) {
    auto const read = decode_manifest(R"({
    "format": "scale-backup manifest",
    "version": 1,
    "backup": "nightly FILE01",
    "vm": "FILE01",
    "vm_uuid": "9e1f7a30-4f0b-4d0c-a7d5-2a51a6f0c801",
    "vm_tags": ["prod"],
    "scheduled": true,
    "protected": false,
    "cluster": "10.0.0.1:8443",
    "task_tag": "4711",
    "job": 17,
    "started": "2025-11-23T05:00:00.000Z",
    "completed": "2025-11-23T05:01:40.000Z",
    "definition": "FILE01.xml",
    "disks": [{"uuid": "d1", "type": "VIRTIO_DISK", "capacity_bytes": 1099511627776, "allocation_bytes": 5}],
    "files": [
        {"name": "FILE01.xml", "role": "definition", "size_bytes": 3},
        {"name": "d1.qcow2", "role": "disk", "size_bytes": 4, "virtual_bytes": 1099511627776}
    ],
    "verified": null,
    "program": "scale-backupd 0.1.0"
})");
    ASSERT_TRUE(read) << read.error().context;
    EXPECT_EQ(read->backup, "nightly FILE01");
    EXPECT_EQ(read->attempt, "");
    EXPECT_EQ(read->end, core::ExportEnd::unknown);
    EXPECT_TRUE(core::is_end_known(*read)) << "it has a task tag and was not adopted";
    EXPECT_EQ(read->files.size(), 2u);
}

TEST(ManifestEdit, ANewNameChangesNothingElse) {
    auto manifest = test::sample_manifest();
    manifest.attempt = "0a1b2c3d";
    ManifestChanges changes;
    changes.backup = "my backup (2)";
    auto const changed = with_changes(encode_manifest(manifest), changes);
    ASSERT_TRUE(changed);
    manifest.backup = "my backup (2)";
    EXPECT_EQ(*changed, encode_manifest(manifest));
}

TEST(ManifestCodec, TheClusterIsLeftOutWhereItIsNotKnown) {
    auto manifest = test::sample_manifest();
    EXPECT_NE(encode_manifest(manifest).find("\"cluster_uuid\""), std::string::npos);
    manifest.cluster_uuid.clear();
    manifest.cluster_name.clear();
    auto const without = encode_manifest(manifest);
    EXPECT_EQ(without.find("\"cluster_"), without.npos);
    EXPECT_EQ(*decode_manifest(without), manifest);
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
