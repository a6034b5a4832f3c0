#include "daemon/catalog/manifest_codec.hpp"
#include "daemon/catalog/scan.hpp"
#include "daemon/catalog/trash.hpp"
#include "common/json/document.hpp"
#include "common/json/writer.hpp"
#include "tests/unit/catalog/catalog_fixture.hpp"
#include "tests/unit/verify/image_builder.hpp"

#include <gmock/gmock.h>

#include <sys/resource.h>

#include <chrono>
#include <csignal>
#include <iostream>

namespace sb::catalog {
namespace {

using testing::HasSubstr;

TEST_F(Catalog, ABackupExistsOnlyWhenItsManifestDoes) {
    write_sample("b");
    EXPECT_EQ(found("b").state, BackupState::incomplete);
    ASSERT_TRUE(wait(catalog_->write_manifest("b", sample("b"))));
    auto const backup = found("b");
    EXPECT_EQ(backup.state, BackupState::complete);
    EXPECT_EQ(backup.folder, "b");
    EXPECT_EQ(backup.problem, "");
    EXPECT_EQ(backup.manifest, sample("b"));
    EXPECT_EQ(backup.size_bytes, 7 + fs::file_size(share_ / "b" / core::manifest_file_name));
    EXPECT_TRUE(wait(catalog_->write_manifest("b", sample("b")))) << "it can be repeated";
    EXPECT_EQ(wait(catalog_->list())->size(), 1u);
}

TEST_F(Catalog, FilesThatHooksAddChangeNeitherTheStateNorTheSizeOfABackup) {
    write_sample("b");
    ASSERT_TRUE(wait(catalog_->write_manifest("b", sample("b"))));
    auto const before = found("b");
    write("b/d1.vhdx", std::string(100000, 'x'));
    write("b/.d1.vhdx.partial", "x");
    auto const after = found("b");
    EXPECT_EQ(after.state, BackupState::complete);
    EXPECT_EQ(after.size_bytes, before.size_bytes);
    EXPECT_EQ(after.manifest, before.manifest);
    ASSERT_TRUE(wait(catalog_->write_manifest("b", sample("b")))) << "it can be repeated";
}

TEST_F(Catalog, FilesThatOthersAddDuringAnExportNeitherFailTheCommitNorBelongToTheBackup) {
    auto const folder = fs::path(landing_);
    write(folder / "vm.xml",
          "<domain><name>x</name><devices><disk><source name='scribe/d1'/></disk></devices></domain>");
    test::SmallImage const image;
    write(folder / "d1.qcow2", {reinterpret_cast<char const*>(image.bytes.data()), image.bytes.size()});
    write(folder / "nvram.bin", "state");
    for (auto const* name : {"Thumbs.db", "desktop.ini", ".DS_Store", "notes.txt", "scan0001.tmp", "@eaDir/vm.xml/x"})
        write(folder / name, "x");
    auto const files = wait(catalog_->inspect({landing_, "vm.xml", {{.type = "NVRAM"}}}));
    ASSERT_TRUE(files) << files.error().context;
    fs::remove(share_ / folder / "scan0001.tmp");
    write(folder / "Thumbs.db", "another size");
    auto manifest = sample("b");
    manifest.attempt = attempt_;
    manifest.files = *files;
    ASSERT_TRUE(wait(catalog_->write_manifest(landing_, manifest)));
    ASSERT_EQ(*wait(catalog_->commit(landing_, "b")), "b");
    fs::remove(share_ / "b/desktop.ini");
    auto const backup = found("b");
    EXPECT_EQ(backup.state, BackupState::complete) << backup.problem;
    EXPECT_EQ(backup.manifest->files.size(), 3U) << "definition, disk and NVRAM";
    fs::remove(share_ / "b/nvram.bin");
    EXPECT_EQ(found("b").state, BackupState::incomplete);
}

TEST_F(Catalog, OtherFilesThatAnEarlierVersionListedDoNotCount) {
    write_sample("b");
    auto manifest = sample("b");
    for (auto const* name : {"Thumbs.db", "nvram.bin"}) {
        write(fs::path("b") / name, "x");
        manifest.files.push_back({.name = name, .role = "other", .size_bytes = 1});
    }
    ASSERT_TRUE(wait(catalog_->write_manifest("b", manifest)));
    fs::remove(share_ / "b/Thumbs.db");
    auto const backup = found("b");
    EXPECT_EQ(backup.state, BackupState::complete) << backup.problem;
    EXPECT_EQ(backup.size_bytes, 8 + fs::file_size(share_ / "b" / core::manifest_file_name));
    fs::remove(share_ / "b/nvram.bin");
    EXPECT_THAT(found("b").problem, HasSubstr("'nvram.bin' is missing"));
}

TEST_F(Catalog, ANewNameLeavesSpaceForTheDefinition) {
    EXPECT_TRUE(wait(catalog_->check_new_name(std::string(236, 'a'))));
    EXPECT_EQ(wait(catalog_->check_new_name(std::string(237, 'a'))).error().code, Errc::invalid_name);
}

TEST_F(Catalog, NoManifestIsWrittenForFilesThatChangedAfterTheInspection) {
    write_sample("b");
    write("b/d1.qcow2", "QFI..");
    auto const result = wait(catalog_->write_manifest("b", sample("b")));
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::damaged_backup);
    EXPECT_FALSE(fs::exists(share_ / "b" / core::manifest_file_name));
}

TEST_F(Catalog, AFailedWriteLeavesNoTemporaryFileAndNoManifest) {
    write_sample("b");
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    auto limited = before;
    limited.rlim_cur = 100;
    auto const old = std::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &limited);
    auto const result = wait(catalog_->write_manifest("b", sample("b")));
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, old);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::io);
    std::vector<std::string> names;
    for (auto const& entry : fs::directory_iterator(share_ / "b")) names.push_back(entry.path().filename().string());
    EXPECT_THAT(names, testing::UnorderedElementsAre("vm.xml", "d1.qcow2"));
}

TEST_F(Catalog, ATemporaryFileOfACrashedWriteIsReplaced) {
    write_sample("b");
    write("outside", "precious");
    fs::create_symlink(share_ / "outside", share_ / "b" / platform::Folder::temporary_name(core::manifest_file_name));
    ASSERT_TRUE(wait(catalog_->write_manifest("b", sample("b"))));
    EXPECT_EQ(fs::file_size(share_ / "outside"), 8u);
    EXPECT_EQ(found("b").state, BackupState::complete);
}

TEST_F(Catalog, ReportsTheStateOfAFinishedBackup) {
    for (std::string const name : {"gone", "short", "newer", "broken"}) {
        write_sample(name);
        ASSERT_TRUE(wait(catalog_->write_manifest(name, sample(name))));
    }
    fs::remove(share_ / "gone/d1.qcow2");
    write("short/d1.qcow2", "QF");
    write("newer/scale-backup.json", "{\"format\":\"scale-backup manifest\",\"version\":9}");
    write("broken/scale-backup.json", "{");
    EXPECT_EQ(found("gone").state, BackupState::incomplete);
    EXPECT_THAT(found("gone").problem, HasSubstr("'d1.qcow2' is missing"));
    EXPECT_EQ(found("short").state, BackupState::damaged);
    EXPECT_THAT(found("short").problem, HasSubstr("2 bytes instead of 4"));
    EXPECT_EQ(found("newer").state, BackupState::unverified);
    EXPECT_THAT(found("newer").problem, HasSubstr("version 9"));
    EXPECT_EQ(found("broken").state, BackupState::damaged);
}

/// A qcow2 image (version 2) of four clusters without data: header, refcount table, refcount block, L1 table.
std::string small_image() {
    std::string image(0x40000, '\0');
    auto const put = [&](std::size_t at, std::initializer_list<unsigned> bytes) {
        for (auto const byte : bytes) image[at++] = static_cast<char>(byte);
    };
    put(0, {'Q', 'F', 'I', 0xfb, 0, 0, 0, 2});
    put(23, {16});    // clusters of 64 KiB
    put(29, {0x10});  // a disk of 1 MiB
    put(39, {1});     // one L1 entry ...
    put(45, {3});     // ... at 0x30000
    put(53, {1});     // refcount table at 0x10000 ...
    put(59, {1});     // ... of one cluster
    return image;
}

TEST_F(Catalog, ClassifiesFoldersWithoutAManifestByTheirDefinition) {
    std::string const definition =
        "<domain><name>x</name><devices><disk><source name='scribe/d1'/></disk></devices></domain>";
    write("old/old.xml", definition + std::string(20, '\0'));
    write("old/d1.qcow2", small_image());
    write("lacking/vm.xml", definition);
    for (auto const* const name : {"no image", "cut early", "cut before its tables"})
        write(fs::path(name) / "vm.xml", definition);
    write("no image/d1.qcow2", "x");
    write("cut early/d1.qcow2", small_image().substr(0, 71));
    write("cut before its tables/d1.qcow2", small_image().substr(0, 0x30007));
    write("no definition/d1.qcow2", "x");
    write("cut/vm.xml", "<domain><name>");
    write("no backup/readme.txt", "x");
    write(".hidden/vm.xml", definition);
    write("a file.xml", definition);
    for (auto const* system : {"lost+found", "@eaDir", "#recycle", "System Volume Information", "$RECYCLE.BIN"})
        write(fs::path(system) / "vm.xml", definition);
    fs::create_directory(share_ / "empty");
    fs::create_directory_symlink(share_ / "old", share_ / "link");

    std::map<std::string, BackupState> states;
    for (auto const& backup : *wait(catalog_->list())) {
        states[backup.name] = backup.state;
        EXPECT_NE(backup.problem, "");
    }
    EXPECT_EQ(states, (std::map<std::string, BackupState>{{"cut", BackupState::incomplete},
                                                          {"cut before its tables", BackupState::incomplete},
                                                          {"cut early", BackupState::incomplete},
                                                          {"lacking", BackupState::incomplete},
                                                          {"no definition", BackupState::incomplete},
                                                          {"no image", BackupState::incomplete},
                                                          {"old", BackupState::unverified}}));
    EXPECT_THAT(found("lacking").problem, HasSubstr("'d1.qcow2'"));
    EXPECT_THAT(found("cut before its tables").problem, HasSubstr("ends before the end of its tables"));
    EXPECT_EQ(wait(catalog_->find("link")).error().code, Errc::not_found);
    EXPECT_EQ(wait(catalog_->find("../share")).error().code, Errc::not_found);
}

TEST_F(Catalog, APathIsNotABackupsNameAndTheMessageSaysWhatToGive) {
    write_sample("b");
    ASSERT_TRUE(wait(catalog_->write_manifest("b", sample("b"))));
    for (auto const& path :
         {std::string("b/"), std::string("b\\"), (share_ / "b").string(), (share_ / "b/").string()}) {
        for (auto const& error : {wait(catalog_->find(path)).error(), wait(catalog_->remove(path)).error(),
                                  wait(catalog_->set_protected(path, true)).error()}) {
            EXPECT_EQ(error.code, Errc::not_found) << path;
            EXPECT_THAT(error.context, HasSubstr("without a path: 'b'")) << path;
        }
        EXPECT_EQ(wait(catalog_->check_new_name(path)).error().code, Errc::invalid_name) << path;
    }
    EXPECT_THAT(wait(catalog_->find("below/b")).error().context, HasSubstr("directly in it"));
    EXPECT_EQ(found("b").state, BackupState::complete);
}

TEST_F(Catalog, NamesThatAreNotUtf8DoNotBreakAListing) {
    write("bad\xff name/vm.xml", "<x>");
    auto const list = wait(catalog_->list());
    ASSERT_EQ(list->size(), 1u);
    json::Writer out;
    out.begin_object().member("name", list->front().name).member("problem", list->front().problem).end_object();
    EXPECT_TRUE(json::Document::parse(out.take()));
}

TEST_F(Catalog, ANewNameMustBeValidAndFree) {
    fs::create_directory(share_ / "Nightly");
    write("a file", "");
    EXPECT_TRUE(wait(catalog_->check_new_name("other")));
    EXPECT_EQ(wait(catalog_->check_new_name("Nightly")).error().code, Errc::name_in_use);
    EXPECT_EQ(wait(catalog_->check_new_name("nightly")).error().code, Errc::name_in_use);
    EXPECT_EQ(wait(catalog_->check_new_name("a file")).error().code, Errc::name_in_use);
    EXPECT_EQ(wait(catalog_->check_new_name("../up")).error().code, Errc::invalid_name);
    EXPECT_EQ(wait(catalog_->check_new_name(landing_)).error().code, Errc::invalid_name);
    EXPECT_TRUE(*wait(catalog_->exists("Nightly")));
    EXPECT_FALSE(*wait(catalog_->exists("other")));
}

TEST_F(Catalog, DiscardRemovesOnlyLandingFolders) {
    write_sample("b");
    ASSERT_TRUE(wait(catalog_->write_manifest("b", sample("b"))));
    write("c/vm.xml", "<x>");
    for (auto const& name : std::vector<std::string>{"b", "c", "missing", "..", "../share/" + landing_, "." + landing_})
        EXPECT_EQ(wait(catalog_->discard(name)).error().code, Errc::refused) << name;
    EXPECT_EQ(found("b").state, BackupState::complete);
    EXPECT_TRUE(fs::exists(share_ / "c/vm.xml"));
}

TEST_F(Catalog, DiscardNeverRemovesAFinishedExport) {
    write(fs::path(landing_) / core::manifest_file_name, "{");
    EXPECT_EQ(wait(catalog_->discard(landing_)).error().code, Errc::refused);
    EXPECT_TRUE(fs::exists(share_ / landing_));
}

TEST_F(Catalog, DiscardRemovesTheFolderAndFollowsNoLinks) {
    fs::create_directory(top_ / "elsewhere");
    std::ofstream(top_ / "elsewhere/precious") << "x";
    write(fs::path(landing_) / "@eaDir/deeper/file", "x");
    fs::create_directory_symlink(top_ / "elsewhere", share_ / landing_ / "@eaDir/folder link");
    fs::create_symlink(top_ / "elsewhere/precious", share_ / landing_ / "@eaDir/link");
    ASSERT_TRUE(wait(catalog_->discard(landing_)));
    EXPECT_FALSE(fs::exists(share_ / landing_));
    EXPECT_TRUE(fs::is_empty(share_ / trash_name));
    EXPECT_TRUE(fs::exists(top_ / "elsewhere/precious"));
    EXPECT_TRUE(wait(catalog_->discard(landing_))) << "a missing folder is fine";

    fs::create_directory_symlink(top_ / "elsewhere", share_ / landing_);
    EXPECT_FALSE(wait(catalog_->discard(landing_)));
    EXPECT_FALSE(wait(catalog_->discard(trash_name)));
    EXPECT_TRUE(fs::exists(top_ / "elsewhere/precious"));
}

TEST_F(Catalog, ATrashThatIsALinkIsNotUsed) {
    fs::create_directory(top_ / "elsewhere");
    std::ofstream(top_ / "elsewhere/precious") << "x";
    fs::create_directory_symlink(top_ / "elsewhere", share_ / trash_name);
    write(fs::path(landing_) / "file", "x");
    EXPECT_FALSE(wait(catalog_->discard(landing_)));
    EXPECT_FALSE(wait(empty_trash(pool_, share_)));
    EXPECT_TRUE(fs::exists(share_ / landing_ / "file"));
    EXPECT_TRUE(fs::exists(top_ / "elsewhere/precious"));
}

TEST_F(Catalog, AnInterruptedRemovalIsFinishedAtStartup) {
    EXPECT_EQ(*wait(empty_trash(pool_, share_)), 0u);
    for (std::string const digit : {"0", "1", "2", "3"})
        write(fs::path(trash_name) / ("removing-000000000000000" + digit) / "half.qcow2", "x");
    write(fs::path(landing_) / "disk.qcow2", "x");
    ASSERT_TRUE(wait(catalog_->discard(landing_)));
    EXPECT_EQ(*wait(empty_trash(pool_, share_)), 4u);
    EXPECT_TRUE(fs::is_empty(share_ / trash_name));
    EXPECT_EQ(wait(catalog_->list())->size(), 0u);
}

TEST_F(Catalog, InspectionDistinguishesAMissingFolderFromAMissingShare) {
    ports::Expectation const expected{.folder = "b", .definition_file = "vm.xml", .disks = {}};
    EXPECT_EQ(wait(catalog_->inspect(expected)).error().code, Errc::share_not_visible);
    fs::remove_all(share_);
    EXPECT_EQ(wait(catalog_->inspect(expected)).error().code, Errc::io);
    EXPECT_EQ(wait(catalog_->list()).error().code, Errc::io);
    EXPECT_EQ(wait(catalog_->find("b")).error().code, Errc::io);
}

TEST_F(Catalog, InspectionManifestAndCommitMakeABackup) {
    auto const folder = fs::path(landing_);
    write(folder / "vm.xml",
          "<domain><name>x</name><devices><disk><source name='scribe/d1'/></disk></devices></domain>");
    test::SmallImage const image;
    write(folder / "d1.qcow2", {reinterpret_cast<char const*>(image.bytes.data()), image.bytes.size()});
    ports::Expectation const expected{
        .folder = landing_,
        .definition_file = "vm.xml",
        .disks = {{.uuid = DiskUuid("d1"), .type = "VIRTIO_DISK", .capacity_bytes = 1 << 20}}};
    auto const files = wait(catalog_->inspect(expected));
    ASSERT_TRUE(files) << files.error().context;
    auto manifest = sample("b");
    manifest.attempt = attempt_;
    manifest.files = *files;
    ASSERT_TRUE(wait(catalog_->write_manifest(landing_, manifest)));
    EXPECT_EQ(*wait(catalog_->commit(landing_, "b")), "b");
    EXPECT_EQ(found("b").state, BackupState::complete);
}

TEST_F(Catalog, ReportsTheSpaceOfTheFileSystem) {
    auto const space = wait(catalog_->space());
    ASSERT_TRUE(space);
    EXPECT_GT(space->total_bytes, 0u);
    EXPECT_LE(space->free_bytes, space->total_bytes);
}

TEST_F(Catalog, ScansThousandsOfFolders) {
    auto const text = encode_manifest(sample("b"));
    for (int i = 0; i < 2000; ++i) {
        auto const name = "2026-01-01_00-00-00 VM " + std::to_string(i);
        write_sample(name);
        write(fs::path(name) / core::manifest_file_name, text);
    }
    ASSERT_EQ(wait(catalog_->list())->size(), 2000u);
    auto const start = std::chrono::steady_clock::now();
    ASSERT_EQ(wait(catalog_->list())->size(), 2000u);
    std::cout << "2000 folders in "
              << std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start).count()
              << " ms\n";
}

}  // namespace
}  // namespace sb::catalog
