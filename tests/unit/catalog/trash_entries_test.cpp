// Backups in the trash folder that can be taken back.
#include "daemon/catalog/trash.hpp"
#include "tests/unit/catalog/catalog_fixture.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <set>

namespace sb::catalog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class TrashEntries : public Catalog {
protected:
    void make(std::string const& name, bool is_protected = false) {
        write_sample(name);
        auto manifest = sample(name);
        manifest.is_protected = is_protected;
        ASSERT_TRUE(wait(catalog_->write_manifest(name, manifest)));
    }
    std::string new_entry() { return wait(catalog_->new_trash_entry()).value(); }
    std::string trashed(std::string const& name) {
        auto const entry = new_entry();
        auto const moved = wait(catalog_->move_to_trash(name, entry));
        EXPECT_TRUE(moved) << moved.error().context;
        return entry;
    }
    Error refusal(std::string const& name) {
        auto const moved = wait(catalog_->move_to_trash(name, new_entry()));
        EXPECT_FALSE(moved) << name;
        return moved ? Error{} : moved.error();
    }
    std::vector<std::string> entries() { return wait(catalog_->trash_entries()).value(); }
    fs::path path_of(std::string const& entry) const { return share_ / trash_name / entry; }
};

TEST_F(TrashEntries, ABackupInTheTrashIsNoBackupAndComesBackWholeAndProtected) {
    make("b");
    auto const entry = trashed("b");
    EXPECT_FALSE(fs::exists(share_ / "b"));
    EXPECT_TRUE(wait(catalog_->list())->empty());
    EXPECT_TRUE(wait(catalog_->check_new_name("b"))) << "its name is free";
    EXPECT_THAT(entries(), ElementsAre(entry));
    ASSERT_TRUE(wait(catalog_->take_from_trash(entry, "b", "")));
    auto const back = found("b");
    EXPECT_EQ(back.state, BackupState::complete);
    auto expected = sample("b");
    expected.is_protected = true;
    EXPECT_EQ(back.manifest, expected);
    EXPECT_THAT(entries(), IsEmpty());
    EXPECT_EQ(wait(catalog_->remove("b")).error().code, Errc::refused) << "it is protected";
}

TEST_F(TrashEntries, HolesAndHardLinksAreNoRoomThatARemovalFrees) {
    make("b");
    auto const before = wait(catalog_->freed_by_removing("b")).value();
    std::ofstream(share_ / "b" / "sparse").put('x');
    fs::resize_file(share_ / "b" / "sparse", std::uintmax_t{1} << 30);
    std::ofstream(share_ / "elsewhere") << std::string(1 << 20, 'x');
    fs::create_hard_link(share_ / "elsewhere", share_ / "b" / "linked");
    auto const after = wait(catalog_->freed_by_removing("b")).value();
    EXPECT_GE(after, before);
    EXPECT_LT(after, before + (1 << 20));
}

TEST_F(TrashEntries, NamesAreRandomAndNotOfAFolderThatIsBeingRemoved) {
    std::set<std::string> names;
    for (int i = 0; i < 100; ++i) names.insert(new_entry());
    EXPECT_EQ(names.size(), 100u);
    for (auto const& name : names) EXPECT_TRUE(is_trash_entry(name)) << name;
    for (auto const* name : {"", "7", "deleted-", "deleted-7", "deleted-0123456789ABCDEF", "deleted-0123456789abcdef0",
                             "letters", "../deleted-0123456789abcdef"})
        EXPECT_FALSE(is_trash_entry(name)) << name;
}

TEST_F(TrashEntries, EntriesSurviveTheStartAndOtherRemovals) {
    make("b");
    auto const entry = trashed("b");
    write(fs::path(trash_name) / "removing-3123456789abcdef/half.qcow2", "x");
    EXPECT_EQ(*wait(empty_trash(pool_, share_)), 1u);
    make("c");
    ASSERT_TRUE(wait(catalog_->remove("c")));
    EXPECT_THAT(entries(), ElementsAre(entry));
    ASSERT_TRUE(wait(catalog_->take_from_trash(entry, "b", "")));
    EXPECT_EQ(found("b").state, BackupState::complete);
}

TEST_F(TrashEntries, RefusesWhatARemovalRefuses) {
    make("safe", true);
    write("foreign/vm.xml", "<x>");
    write("broken/scale-backup.json", "{");
    make("b");
    write("photos/holiday.jpg", "x");
    fs::copy_file(share_ / "b/scale-backup.json", share_ / "photos/scale-backup.json");
    make("outer");
    make("inner");
    fs::rename(share_ / "inner", share_ / "outer/inner");
    fs::create_directory_symlink(share_ / "b", share_ / "link");
    for (auto const* name : {"safe", "foreign", "broken", "photos", "outer", "link"}) {
        EXPECT_EQ(refusal(name).code, Errc::refused) << name;
        EXPECT_TRUE(fs::exists(share_ / name)) << name;
    }
    for (std::string const name : {"missing", "", "..", "../share/b", ".hidden", trash_name})
        EXPECT_EQ(refusal(name).code, Errc::not_found) << name;
    EXPECT_THAT(entries(), IsEmpty());
}

TEST_F(TrashEntries, FoldersOfANasComeAlongAndGoInTheEnd) {
    make("b");
    write("b/@eaDir/vm.xml/SYNOINDEX_MEDIA_INFO", "x");
    auto const entry = trashed("b");
    EXPECT_TRUE(fs::exists(path_of(entry) / "@eaDir/vm.xml"));
    auto const removal = wait(catalog_->empty_trash_entry(entry));
    ASSERT_TRUE(removal);
    EXPECT_EQ(removal->remains, "");
    EXPECT_TRUE(fs::is_empty(share_ / trash_name));
}

TEST_F(TrashEntries, NothingIsReplacedByABackupThatComesBack) {
    make("b");
    auto const entry = trashed("b");
    for (auto const* name : {"b", "B"}) {
        write(fs::path(name) / "precious", "x");
        EXPECT_EQ(wait(catalog_->take_from_trash(entry, "b", "")).error().code, Errc::name_in_use) << name;
        EXPECT_TRUE(fs::exists(share_ / name / "precious"));
        EXPECT_THAT(entries(), ElementsAre(entry)) << "it stays";
        fs::remove_all(share_ / name);
    }
    fs::create_directory(share_ / "b");
    EXPECT_EQ(wait(catalog_->take_from_trash(entry, "b", "")).error().code, Errc::name_in_use) << "an empty folder";
    fs::remove(share_ / "b");
    EXPECT_TRUE(wait(catalog_->take_from_trash(entry, "b", "")));
}

TEST_F(TrashEntries, OnlyEntriesAreTakenBackOrRemoved) {
    make("b");
    write(fs::path(trash_name) / "letters/scale-backup.json", "x");
    std::string const removing = "removing-7123456789abcdef";
    write(fs::path(trash_name) / removing / "scale-backup.json", "x");
    for (std::string const& name : std::vector<std::string>{"letters", removing, "7", "", ".", "..", "../b"}) {
        EXPECT_EQ(wait(catalog_->take_from_trash(name, "c", "")).error().code, Errc::refused) << name;
        EXPECT_EQ(wait(catalog_->empty_trash_entry(name)).error().code, Errc::refused) << name;
        EXPECT_EQ(wait(catalog_->move_to_trash("b", name)).error().code, Errc::refused) << name;
    }
    auto const entry = trashed("b");
    for (std::string const name : {"", "..", "../c", "a/b", "c:d"})
        EXPECT_EQ(wait(catalog_->take_from_trash(entry, name, "")).error().code, Errc::invalid_name) << name;
    EXPECT_TRUE(fs::exists(share_ / trash_name / "letters/scale-backup.json"));
    EXPECT_EQ(wait(catalog_->take_from_trash("deleted-0123456789abcdef", "c", "")).error().code, Errc::not_found);
    EXPECT_TRUE(wait(catalog_->empty_trash_entry("deleted-0123456789abcdef")));
    EXPECT_THAT(entries(), ElementsAre(entry));
}

TEST_F(TrashEntries, WithoutATrashFolderThereAreNone) {
    EXPECT_THAT(entries(), IsEmpty());
    EXPECT_TRUE(wait(catalog_->empty_trash_entry("deleted-0123456789abcdef")));
    EXPECT_EQ(wait(catalog_->take_from_trash("deleted-0123456789abcdef", "b", "")).error().code, Errc::not_found);
    EXPECT_FALSE(fs::exists(share_ / trash_name));
}

TEST_F(TrashEntries, ATrashThatIsALinkIsNotUsed) {
    make("b");
    fs::create_directory(top_ / "elsewhere");
    fs::create_directory_symlink(top_ / "elsewhere", share_ / trash_name);
    auto const entry = "deleted-0123456789abcdef";
    fs::create_directory(top_ / "elsewhere" / entry);
    std::ofstream(top_ / "elsewhere" / entry / "precious") << "x";
    EXPECT_FALSE(wait(catalog_->new_trash_entry()));
    EXPECT_EQ(wait(catalog_->move_to_trash("b", "deleted-1123456789abcdef")).error().code, Errc::refused);
    EXPECT_FALSE(wait(catalog_->empty_trash_entry(entry)));
    EXPECT_FALSE(wait(catalog_->take_from_trash(entry, "c", "")));
    EXPECT_FALSE(wait(catalog_->trash_entries()));
    EXPECT_EQ(found("b").state, BackupState::complete);
    EXPECT_TRUE(fs::exists(top_ / "elsewhere" / entry / "precious"));
}

TEST_F(TrashEntries, AnEntryThatIsALinkIsNotFollowed) {
    fs::create_directory(top_ / "elsewhere");
    std::ofstream(top_ / "elsewhere/precious") << "x";
    fs::create_directory(share_ / trash_name);
    auto const entry = "deleted-0123456789abcdef";
    fs::create_directory_symlink(top_ / "elsewhere", path_of(entry));
    EXPECT_FALSE(wait(catalog_->take_from_trash(entry, "b", "")));
    EXPECT_FALSE(wait(catalog_->empty_trash_entry(entry)));
    EXPECT_THAT(entries(), IsEmpty());
    EXPECT_TRUE(fs::exists(top_ / "elsewhere/precious"));
    EXPECT_FALSE(fs::exists(share_ / "b"));
}

/// Its name is the sign that its removal has begun: the start finishes it, and it cannot be taken back.
TEST_F(TrashEntries, AHalfRemovedEntryIsNotOfferedAnyLonger) {
    make("b");
    auto deep = share_ / "b";
    for (int i = 0; i < 70; ++i) deep /= "d";
    fs::create_directories(deep);
    auto const entry = trashed("b");
    auto const removal = wait(catalog_->empty_trash_entry(entry));
    ASSERT_TRUE(removal) << removal.error().context;
    EXPECT_THAT(removal->remains, HasSubstr("could not be removed"));
    EXPECT_THAT(entries(), IsEmpty());
    EXPECT_EQ(wait(catalog_->take_from_trash(entry, "b", "")).error().code, Errc::not_found);
}

TEST_F(TrashEntries, AnEntryWithoutAManifestIsNotTakenBack) {
    make("b");
    auto const entry = trashed("b");
    fs::remove(path_of(entry) / core::manifest_file_name);
    EXPECT_EQ(wait(catalog_->take_from_trash(entry, "b", "")).error().code, Errc::incomplete_backup);
    EXPECT_FALSE(fs::exists(share_ / "b"));
    EXPECT_TRUE(wait(catalog_->empty_trash_entry(entry)));
    EXPECT_THAT(entries(), IsEmpty());
}

TEST_F(TrashEntries, AFolderThatWasPutInThePlaceOfAnEntryIsNeitherTakenBackNorChanged) {
    make("a");
    make("b");
    auto const identity = core::identity_of(*found("a").manifest);
    auto const entry = trashed("a");
    fs::rename(path_of(entry), top_ / "kept");
    fs::copy(share_ / "b", path_of(entry), fs::copy_options::recursive);
    auto const taken = wait(catalog_->take_from_trash(entry, "a", identity));
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, Errc::refused);
    EXPECT_THAT(taken.error().context, testing::AllOf(HasSubstr("is not the deleted backup 'a'"), HasSubstr("'b'")));
    EXPECT_FALSE(fs::exists(share_ / "a"));
    EXPECT_THAT(entries(), ElementsAre(entry));
    std::ifstream manifest(path_of(entry) / core::manifest_file_name);
    std::string const text{std::istreambuf_iterator<char>(manifest), {}};
    EXPECT_THAT(text, testing::Not(HasSubstr("\"protected\": true")));
    fs::remove_all(path_of(entry));
    fs::rename(top_ / "kept", path_of(entry));
    ASSERT_TRUE(wait(catalog_->take_from_trash(entry, "a", identity)));
    EXPECT_EQ(core::identity_of(*found("a").manifest), identity) << "protecting it does not change that";
}

TEST_F(TrashEntries, AnInterruptedUndeletionCanBeRepeated) {
    make("b");
    auto const entry = trashed("b");
    write("b/in the way", "x");
    EXPECT_FALSE(wait(catalog_->take_from_trash(entry, "b", "")));
    fs::remove_all(share_ / "b");
    ASSERT_TRUE(wait(catalog_->take_from_trash(entry, "c", ""))) << "under another name";
    EXPECT_TRUE(found("c").manifest->is_protected);
}

TEST_F(TrashEntries, APersonAcceptsAnExportOnce) {
    make("b");
    ASSERT_FALSE(found("b").manifest->accepted);
    auto const accepted = wait(catalog_->accept("b"));
    ASSERT_TRUE(accepted) << accepted.error().context;
    EXPECT_EQ(accepted->state, BackupState::complete);
    auto const at = accepted->manifest->accepted;
    ASSERT_TRUE(at);
    auto const text = found("b").manifest;
    ASSERT_TRUE(wait(catalog_->accept("b")));
    EXPECT_EQ(found("b").manifest, text) << "the first time counts";
    ASSERT_TRUE(wait(catalog_->set_protected("b", true)));
    EXPECT_EQ(found("b").manifest->accepted, at);
    write("foreign/vm.xml", "<x>");
    EXPECT_EQ(wait(catalog_->accept("foreign")).error().code, Errc::refused);
    EXPECT_EQ(wait(catalog_->accept("missing")).error().code, Errc::not_found);
}

TEST_F(TrashEntries, AProbeLeavesNothingAndItsLeftoversGoAtTheStart) {
    make("b");
    ASSERT_TRUE(wait(catalog_->probe()));
    EXPECT_EQ(std::distance(fs::directory_iterator(share_), {}), 1);
    write(std::string(probe_prefix) + "0123456789abcdef/probe", "x");
    write(std::string(probe_prefix) + "of another program/file", "x");
    write(std::string(removing_prefix) + "0123456789abcdef/half.qcow2", "x");
    write(std::string(removing_prefix) + "twelve/file", "x");
    write(std::string(removing_prefix) + "12/file", "x");
    EXPECT_EQ(*wait(empty_trash(pool_, share_)), 2u);
    EXPECT_TRUE(fs::exists(share_ / (std::string(probe_prefix) + "of another program")));
    EXPECT_TRUE(fs::exists(share_ / (std::string(removing_prefix) + "twelve")));
    EXPECT_TRUE(fs::exists(share_ / (std::string(removing_prefix) + "12"))) << "not one of our names";
    EXPECT_EQ(found("b").state, BackupState::complete);
}

}  // namespace
}  // namespace sb::catalog
