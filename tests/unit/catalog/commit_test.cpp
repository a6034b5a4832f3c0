// A landing folder becomes a backup: once, under a free name, however often it is interrupted.
#include "daemon/catalog/manifest_codec.hpp"
#include "tests/support/ordinary_user.hpp"
#include "tests/unit/catalog/commit_fixture.hpp"

namespace sb::catalog {
namespace {

TEST_F(Commit, RenamesTheLandingFolderToTheBackup) {
    land("b");
    EXPECT_EQ(commit(), "b");
    expect_backup("b");
    EXPECT_FALSE(fs::exists(share_ / landing_));
    EXPECT_EQ(wait(catalog_->list())->size(), 1u);
}

TEST_F(Commit, ReplacesNothing) {
    struct Obstacle {
        std::string name, what;
    };
    for (auto const& [name, what] : std::vector<Obstacle>{{"b", "an empty folder"},
                                                          {"b", "a file"},
                                                          {"b", "a dangling link"},
                                                          {"b", "a backup"},
                                                          {"B", "an empty folder"},
                                                          {"B", "a file"}}) {
        SCOPED_TRACE(name + " is " + what);
        auto const path = share_ / name;
        if (what == "an empty folder") fs::create_directory(path);
        if (what == "a file") write(name, "x");
        if (what == "a dangling link") fs::create_symlink("nowhere", path);
        if (what == "a backup") make_backup(name);
        auto const before = fs::symlink_status(path).type();
        land("b");
        EXPECT_EQ(commit(), "b (2)");
        expect_backup("b (2)");
        EXPECT_EQ(fs::symlink_status(path).type(), before);
        if (what == "an empty folder") EXPECT_TRUE(fs::is_empty(path));
        if (what == "a backup") EXPECT_EQ(found("b").manifest, sample("b"));
        fs::remove_all(path);
        fs::remove_all(share_ / "b (2)");
    }
}

TEST_F(Commit, TakesTheFirstFreeNumber) {
    for (std::string const name : {"b", "B (2)", "b (4)"}) fs::create_directory(share_ / name);
    land("b");
    EXPECT_EQ(commit(), "b (3)");
    expect_backup("b (3)");
}

TEST_F(Commit, CanBeRepeatedAfterAnInterruptionAtEachStep) {
    enum class Step { manifest_written, name_written, renamed, finished };
    for (auto const step : {Step::manifest_written, Step::name_written, Step::renamed, Step::finished})
        for (bool const at_start : {false, true}) {
            SCOPED_TRACE("after step " + std::to_string(static_cast<int>(step)) + (at_start ? ", at start" : ""));
            make_backup("b");
            land("b");
            if (step == Step::name_written || step == Step::renamed) {
                auto manifest = sample("b (2)");
                manifest.attempt = attempt_;
                write(fs::path(landing_) / core::manifest_file_name, encode_manifest(manifest));
            }
            if (step == Step::renamed) fs::rename(share_ / landing_, share_ / "b (2)");
            if (step == Step::finished) EXPECT_EQ(commit(), "b (2)");
            if (at_start) EXPECT_EQ(finish(), step < Step::renamed ? 1u : 0u);
            for (int round = 0; round < 2; ++round) {
                EXPECT_EQ(commit(), "b (2)");
                expect_backup("b (2)");
                EXPECT_EQ(wait(catalog_->list())->size(), 2u);
            }
            fs::remove_all(share_ / "b");
            fs::remove_all(share_ / "b (2)");
        }
}

TEST_F(Commit, ANameThatBecameFreeMeanwhileIsUsed) {
    land("b (2)", landing_);
    EXPECT_EQ(commit(), "b");
    expect_backup("b");
}

TEST_F(Commit, ANumberIsNotPutAfterANumber) {
    make_backup("b");
    make_backup("b (2)");
    land("b (2)", landing_);  // it was free when the name was written, and is taken now
    EXPECT_EQ(finish(), 1u);
    expect_backup("b (3)");
    EXPECT_EQ(commit(), "b (3)") << "the job learns its backup's name";
}

TEST_F(Commit, ANumberMayBePartOfTheNameThatWasOrdered) {
    make_backup("b (2)");
    land("b (2)");
    EXPECT_EQ(finish(), 1u);
    expect_backup("b (2) (2)");
    EXPECT_EQ(*wait(catalog_->commit(core::landing_folder("b (2)", attempt_), "b (2)")), "b (2) (2)");
}

TEST_F(Commit, TheLongestNamesCanBeNumberedToo) {
    std::string const name(core::max_folder_utf16, 'n');
    auto const landing = core::landing_folder(name, attempt_);
    make_backup(name);
    land(name);
    auto const committed = wait(catalog_->commit(landing, name));
    ASSERT_TRUE(committed) << committed.error().context;
    EXPECT_EQ(*committed, core::numbered_name(name, 2));
    expect_backup(*committed);
    EXPECT_EQ(*wait(catalog_->commit(landing, name)), *committed);
}

TEST_F(Commit, AtStartEveryFinishedExportBecomesABackup) {
    EXPECT_EQ(finish(), 0u);
    land("a", "a.exporting-00000002");
    land("b", "B.EXPORTING-0A1B2C3D");
    write_sample("c.exporting-00000000");
    write("d.exporting-00000001", "a file");
    EXPECT_EQ(finish(), 2u);
    expect_backup("a", "00000002");
    expect_backup("b");
    EXPECT_TRUE(fs::exists(share_ / "c.exporting-00000000/vm.xml"));
    EXPECT_EQ(finish(), 0u);
}

TEST_F(Commit, AManifestOfAnotherAttemptIsNotCommitted) {
    auto manifest = sample("b");
    for (std::string const other : {"", "ffffffff"}) {
        manifest.attempt = other;
        write_sample(landing_);
        write(fs::path(landing_) / core::manifest_file_name, encode_manifest(manifest));
        EXPECT_EQ(finish(), 0u);
        EXPECT_EQ(wait(catalog_->commit(landing_, "b")).error().code, Errc::not_found);
        EXPECT_TRUE(fs::exists(share_ / landing_));
    }
    for (std::string const text : {"", "{", "{\"format\":\"scale-backup manifest\",\"version\":9}"}) {
        write(fs::path(landing_) / core::manifest_file_name, text);
        EXPECT_EQ(finish(), 0u) << text;
        EXPECT_TRUE(fs::exists(share_ / landing_));
    }
}

TEST_F(Commit, AManifestCannotGiveANameThatLeadsElsewhere) {
    for (std::string const name : {"../elsewhere", ".hidden", "b.exporting-ffffffff", ""}) {
        auto manifest = sample(name);
        manifest.attempt = attempt_;
        write(fs::path(landing_) / core::manifest_file_name, encode_manifest(manifest));
        EXPECT_TRUE(wait(finish_commits(pool_, share_))->empty()) << name;
        EXPECT_FALSE(wait(catalog_->commit(landing_, name))) << name;
        EXPECT_TRUE(fs::exists(share_ / landing_)) << name;
    }
}

TEST_F(Commit, WithoutTheExportIsNotPossible) {
    EXPECT_EQ(wait(catalog_->commit(landing_, "b")).error().code, Errc::not_found);
    make_backup("b");
    EXPECT_EQ(wait(catalog_->commit(landing_, "b")).error().code, Errc::not_found) << "a backup of another export";
    write_sample(landing_);
    EXPECT_EQ(wait(catalog_->commit(landing_, "b")).error().code, Errc::not_found) << "not finished";
    EXPECT_EQ(wait(catalog_->commit("b", "c")).error().code, Errc::refused);
    fs::remove_all(share_);
    EXPECT_EQ(wait(catalog_->commit(landing_, "b")).error().code, Errc::io) << "the share may come back";
}

TEST_F(Commit, ARefusedRenameCanBeRepeated) {
    land("b");
    fs::permissions(top_, fs::perms{0755});
    fs::permissions(share_, fs::perms{0555});
    {
        test::OrdinaryUser const user;
        EXPECT_EQ(wait(catalog_->commit(landing_, "b")).error().code, Errc::not_permitted);
        auto const finished = *wait(finish_commits(pool_, share_));
        ASSERT_EQ(finished.size(), 1u);
        EXPECT_EQ(finished[0].landing, landing_);
        EXPECT_EQ(finished[0].backup, "b");
        EXPECT_EQ(finished[0].name.error().code, Errc::not_permitted);
    }
    fs::permissions(share_, fs::perms{0755});
    EXPECT_TRUE(wait(catalog_->list())->empty());
    EXPECT_EQ(commit(), "b");
    expect_backup("b");
}

TEST_F(Commit, OneExportThatCannotGetItsNameDoesNotStopTheOthers) {
    land("a", "a.exporting-00000002");
    land("b");
    fs::resize_file(share_ / "a.exporting-00000002/d1.qcow2", 1);
    auto const finished = *wait(finish_commits(pool_, share_));
    ASSERT_EQ(finished.size(), 2u);
    EXPECT_EQ(finished[0].name.error().code, Errc::damaged_backup);
    EXPECT_EQ(*finished[1].name, "b");
    expect_backup("b");
    EXPECT_FALSE(fs::exists(share_ / "a"));
}

TEST_F(Commit, ANumberedNameIsReported) {
    make_backup("b");
    land("b");
    auto const finished = *wait(finish_commits(pool_, share_));
    ASSERT_EQ(finished.size(), 1u);
    EXPECT_EQ(finished[0].backup, "b");
    EXPECT_EQ(*finished[0].name, "b (2)");
}

TEST_F(Commit, AtStartOnlyWhatTheCallerAcceptsIsCommitted) {
    land("b");
    auto const other_cluster = [](core::Manifest const& manifest) { return manifest.cluster_uuid == "another"; };
    EXPECT_TRUE(wait(finish_commits(pool_, share_, other_cluster))->empty());
    EXPECT_TRUE(fs::exists(share_ / landing_));
}

}  // namespace
}  // namespace sb::catalog
