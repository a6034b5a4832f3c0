#include "daemon/catalog/readable.hpp"

#include "daemon/catalog/manifest_codec.hpp"
#include "daemon/catalog/scan.hpp"
#include "daemon/catalog/verification_record.hpp"
#include "daemon/core/file_proof.hpp"
#include "daemon/verify/content_verification.hpp"
#include "daemon/verify/inspect.hpp"
#include "tests/unit/catalog/catalog_fixture.hpp"
#include "tests/unit/verify/image_builder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace sb::catalog {
namespace {

using ::testing::HasSubstr;

class Readable : public Catalog {
protected:
    void SetUp() override {
        Catalog::SetUp();
        write("b/vm.xml", "<domain><name>x</name><devices><disk><source name='scribe/d1'/></disk></devices></domain>");
        test::SmallImage const image;
        write("b/d1.qcow2", {reinterpret_cast<char const*>(image.bytes.data()), image.bytes.size()});
        auto manifest = sample("b");
        manifest.disks = {{.uuid = DiskUuid("d1"), .type = "VIRTIO_DISK", .capacity_bytes = 1 << 20}};
        auto const files = verify::inspect_folder(*root().subfolder("b"), {"b", "vm.xml", manifest.disks});
        ASSERT_TRUE(files) << files.error().context;
        manifest.files = *files;
        write("b/scale-backup.json", encode_manifest(manifest));
        manifest_ = manifest;
    }
    /// Makes the digests, and notes the roots in the manifest.
    void verify_content() {
        std::vector<verify::FileToVerify> files;
        for (auto const& file : manifest_.files) files.push_back({file.name, file.size_bytes, std::nullopt});
        auto verification = verify::ContentVerification::begin(*root().subfolder("b"), files, UtcTime());
        ASSERT_TRUE(verification) << verification.error().context;
        while (!(*verification)->done()) ASSERT_TRUE((*verification)->advance(1 << 20, 1));
        auto const roots = (*verification)->finish();
        ASSERT_TRUE(roots) << roots.error().context;
        for (std::size_t i = 0; i < roots->size(); ++i) manifest_.files[i].content = verify::hex((*roots)[i].root);
        write("b/scale-backup.json", encode_manifest(manifest_));
    }
    std::string states() const { return file_states(root(), "b").value(); }
    platform::Folder root() const { return std::move(*platform::Folder::open(share_)); }
    Error problem() const {
        auto const checked = check_readable(root(), "b");
        EXPECT_FALSE(checked);
        return checked ? Error{} : checked.error();
    }
    void overwrite(std::uint64_t offset, char byte) const {
        std::fstream file(share_ / "b" / "d1.qcow2", std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(static_cast<std::streamoff>(offset));
        file.put(byte);
    }

    /// File systems keep times in steps of some milliseconds.
    void pass_a_step_of_time() const {
        write("clock", "x");
        auto const before = root().state("clock").value();
        while (root().state("clock").value() == before) write("clock", "x");
    }

    core::Manifest manifest_;
};

TEST_F(Readable, ABackupWhoseManifestWasEditedIsNoReasonToDeleteAnother) {
    auto text = encode_manifest(manifest_);
    ASSERT_TRUE(check_readable(root(), "b"));
    auto const place = text.find("\"vm\"");
    ASSERT_NE(place, std::string::npos) << text;
    text.insert(text.find(':', place) + 3, "X");
    write("b/scale-backup.json", text);
    EXPECT_THAT(problem().context, HasSubstr("was changed by another program"));
}

TEST_F(Readable, AGoodBackupIsReadable) {
    auto const checked = check_readable(root(), "b");
    EXPECT_TRUE(checked) << checked.error().context;
}

TEST_F(Readable, ReadingShowsNothingAboutTheContent) {
    overwrite(test::SmallImage::data + 7, 'x');
    EXPECT_TRUE(check_readable(root(), "b")) << "only a verification of the content knows what was there";
}

TEST_F(Readable, WhatWasVerifiedMustBeThatContent) {
    verify_content();
    auto const checked = check_readable(root(), "b");
    ASSERT_TRUE(checked) << checked.error().context;
    overwrite(test::SmallImage::data + 7, 'x');
    auto const found = problem();
    EXPECT_EQ(found.code, Errc::damaged_backup);
    EXPECT_THAT(found.context, HasSubstr("'b': 'd1.qcow2' has changed since it was verified"));
    fs::remove(share_ / "b" / "scale-backup.digests");
    EXPECT_TRUE(check_readable(root(), "b")) << "nothing to compare with";
}

TEST_F(Readable, TheStatesOfTheFilesShowEachChangeAndOnlyThat) {
    auto const before = states();
    ASSERT_TRUE(check_readable(root(), "b"));
    write("b/@eaDir/vm.xml/SYNOINDEX_MEDIA_INFO", "x");
    write("b/notes.txt", "x");
    EXPECT_EQ(states(), before) << "reading changes nothing, and other files are not the backup";
    for (auto const* file : {"vm.xml", "d1.qcow2", "scale-backup.json"}) {
        auto const unchanged = states();
        auto const modified = fs::last_write_time(share_ / "b" / file);
        pass_a_step_of_time();
        std::fstream(share_ / "b" / file, std::ios::binary | std::ios::in | std::ios::out)
            .put(file[0] == 's' ? '{' : 'Q');
        fs::last_write_time(share_ / "b" / file, modified);
        EXPECT_NE(states(), unchanged) << file << ": with the same size, and its time set back";
    }
    auto const unchanged = states();
    fs::copy_file(share_ / "b/d1.qcow2", share_ / "b/copy");
    fs::rename(share_ / "b/copy", share_ / "b/d1.qcow2");
    EXPECT_NE(states(), unchanged) << "another file with the same content";
    fs::remove(share_ / "b/d1.qcow2");
    EXPECT_THAT(states(), HasSubstr("d1.qcow2 missing"));
    EXPECT_EQ(file_states(root(), "missing").error().code, Errc::not_found);
}

TEST_F(Readable, WhatWouldBeImportedMustBeAmongTheFilesOfTheManifest) {
    ASSERT_TRUE(check_backup(root(), "b", core::Level::structure));
    fs::copy_file(share_ / "b/d1.qcow2", share_ / "b/evil.qcow2");
    write("b/evil.xml", "<domain><name>x</name><devices><disk><source name='scribe/d1'/></disk></devices></domain>");
    auto edited = manifest_;
    edited.definition_file = "evil.xml";
    write("b/scale-backup.json", encode_manifest(edited));
    auto const definition = check_backup(root(), "b", core::Level::structure);
    ASSERT_FALSE(definition);
    EXPECT_EQ(definition.error().code, Errc::damaged_backup);
    EXPECT_THAT(definition.error().context, HasSubstr("'evil.xml' would be imported, but is not among the files"));
    write("b/evil.xml", "<domain><name>x</name><devices><disk><source name='scribe/evil'/></disk></devices></domain>");
    edited.disks[0].uuid = DiskUuid("evil");
    auto const size = fs::file_size(share_ / "b/evil.xml");
    edited.files.push_back({.name = "evil.xml", .role = "definition", .size_bytes = size});
    write("b/scale-backup.json", encode_manifest(edited));
    auto const image = check_backup(root(), "b", core::Level::structure);
    ASSERT_FALSE(image);
    EXPECT_THAT(image.error().context, HasSubstr("'evil.qcow2' would be imported, but is not among the files"));
}

TEST_F(Readable, TheStatesShowWhatTheManifestNamesAndNoOrderChangesThat) {
    auto const named = [&] { return core::manifest_digest_of(core::proof_of(states())); };
    auto const before = named();
    EXPECT_EQ(before.size(), 64u);
    EXPECT_EQ(read_backup(root(), "b").value()->manifest_digest, before);
    verify_content();
    manifest_.is_protected = true;
    write("b/scale-backup.json", encode_manifest(manifest_));
    EXPECT_EQ(named(), before);
    manifest_.disks[0].uuid = DiskUuid("other");
    write("b/scale-backup.json", encode_manifest(manifest_));
    EXPECT_NE(named(), before);
    EXPECT_NE(read_backup(root(), "b").value()->manifest_digest, before);
}

TEST_F(Readable, ChangedTablesAreDamage) {
    overwrite(test::SmallImage::l2 + 15, 'x');
    auto const found = problem();
    EXPECT_EQ(found.code, Errc::damaged_backup);
    EXPECT_THAT(found.context, HasSubstr("'b': "));
    EXPECT_THAT(found.context, HasSubstr("d1.qcow2"));
}

TEST_F(Readable, AChangedDefinitionIsDamage) {
    write("b/vm.xml", "<domain><name>y</name><devices><disk><source name='scribe/d1'/></disk></devices></domain>");
    EXPECT_EQ(problem().code, Errc::damaged_backup);
}

TEST_F(Readable, AMissingFileMakesItIncompleteAndATruncatedOneDamaged) {
    fs::resize_file(share_ / "b" / "d1.qcow2", 6 * test::SmallImage::cluster);
    EXPECT_EQ(problem().code, Errc::damaged_backup);
    fs::remove(share_ / "b" / "d1.qcow2");
    EXPECT_EQ(problem().code, Errc::incomplete_backup);
}

TEST_F(Readable, WhatCannotBeOpenedIsNotReadable) {
    fs::remove(share_ / "b" / "d1.qcow2");
    fs::create_directory(share_ / "b" / "d1.qcow2");
    EXPECT_TRUE(problem().code == Errc::damaged_backup);
    fs::remove(share_ / "b" / "scale-backup.json");
    EXPECT_EQ(problem().code, Errc::refused) << "without a manifest it is not a backup";
    fs::remove_all(share_ / "b");
    EXPECT_EQ(problem().code, Errc::not_found);
}

TEST_F(Catalog, SaysWhatADefinitionSaysAboutItsVm) {
    write("b/vm.xml",
          "<domain><name>x</name><description>files</description><memory unit='GiB'>4</memory>"
          "<vcpu>2</vcpu><devices><interface/><interface/></devices></domain>");
    auto const vm = wait(catalog_->defined_vm("b", "vm.xml"));
    ASSERT_TRUE(vm) << vm.error().context;
    EXPECT_EQ(*vm, (core::DefinedVm{2, std::uint64_t{4} << 30, "files", 2}));
    write("b/vm.xml", "<domain><name>x");
    EXPECT_EQ(wait(catalog_->defined_vm("b", "vm.xml")).error().code, Errc::incomplete_backup);
    EXPECT_EQ(wait(catalog_->defined_vm("b", "other.xml")).error().code, Errc::not_found);
    EXPECT_EQ(wait(catalog_->defined_vm("missing", "vm.xml")).error().code, Errc::not_found);
}

}  // namespace
}  // namespace sb::catalog
