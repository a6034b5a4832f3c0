// A manifest that a writer of the share puts into the folder of an export: none makes a job succeed whose files were
// not inspected, and none stays.
#include "daemon/core/export_manifest.hpp"
#include "tests/simulation/landing_fixture.hpp"

#include <gmock/gmock.h>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

Error const incomplete{Errc::incomplete_backup, "a disk is missing"};

struct PlantedManifest : Landing {
    std::string landing() { return landing_folder("nightly", job().attempt); }
    /// All that is no secret, and other files.
    Manifest planted() {
        InspectedExport inspected;
        inspected.files.push_back({"planted.xml", "definition", 7});
        inspected.verified = Verified{"content", fixture.time.now()};
        return export_manifest(job(), std::move(inspected));
    }
    void begin_export() {
        id = fixture.backup("FILE01", "nightly");
        fixture.time.run_for(2s);
        ASSERT_EQ(job().phase, Phase::following);
    }
    void expect_own_manifest() {
        expect_one_backup();
        EXPECT_TRUE(is_manifest_of(job(), fixture.catalog.manifests.at("nightly")));
        EXPECT_EQ(fixture.catalog.manifests.at("nightly").files.front().name, "nightly.xml");
    }
};

}  // namespace

TEST_F(PlantedManifest, DuringTheExportSavesNoFileFromTheInspection) {
    begin_export();
    fixture.catalog.landed[landing()] = planted();
    fixture.catalog.bad["nightly"] = incomplete;
    fixture.time.run_for(1h);
    EXPECT_EQ(job().outcome, Outcome::failed);
    EXPECT_THAT(fixture.catalog.manifests, IsEmpty());
}

TEST_F(PlantedManifest, DuringTheExportIsReplaced) {
    begin_export();
    fixture.catalog.landed[landing()] = planted();
    fixture.time.run_for(1min);
    expect_own_manifest();
}

TEST_F(PlantedManifest, UnderTheBackupsNameIsInspectedLikeAnyOther) {
    begin_export();
    auto manifest = planted();
    fixture.stop_engine();
    fixture.catalog.folders = {"nightly"};
    fixture.catalog.manifests["nightly"] = std::move(manifest);
    fixture.catalog.bad["nightly"] = incomplete;
    fixture.start_engine(1);
    fixture.time.run_for(1h);
    EXPECT_EQ(job().outcome, Outcome::failed);
}

TEST_F(PlantedManifest, UnderTheBackupsNameWithOtherFilesMakesNoJobSucceed) {
    begin_export();
    auto manifest = planted();
    fixture.stop_engine();
    fixture.catalog.folders = {"nightly"};
    fixture.catalog.manifests["nightly"] = std::move(manifest);
    fixture.start_engine(1);
    fixture.time.run_for(1h);
    EXPECT_EQ(job().outcome, Outcome::failed);
    ASSERT_TRUE(job().error);
    EXPECT_THAT(job().error->context, HasSubstr("is not the one that this export wrote"));
}

/// The daemon is killed between the record of the inspection and its manifest.
TEST_F(PlantedManifest, BeforeTheOwnOneWasWrittenIsInspectedAgain) {
    for (bool const is_bad : {true, false}) {
        SCOPED_TRACE(is_bad);
        rename_is_refused();
        fixture.catalog.landed[landing()] = planted();
        fixture.stop_engine();
        if (is_bad) fixture.catalog.bad["nightly"] = incomplete;
        fixture.catalog.renaming_fails.reset();
        fixture.start_engine(1);
        fixture.time.run_for(1h);
        if (is_bad) {
            EXPECT_EQ(job().outcome, Outcome::failed);
            EXPECT_THAT(fixture.catalog.manifests, IsEmpty());
            fixture.catalog.landed.clear();
            fixture.catalog.folders.clear();
            fixture.catalog.bad.clear();
        } else {
            EXPECT_EQ(job().outcome, Outcome::succeeded);
            EXPECT_TRUE(is_manifest_of(job(), fixture.catalog.manifests.at("nightly")));
        }
    }
}

TEST_F(PlantedManifest, AfterAPowerCutMakesNoUnflushedExportCount) {
    rename_is_refused();
    fixture.catalog.landed[landing()] = planted();
    fixture.stop_engine();
    fixture.catalog.renaming_fails.reset();
    fixture.catalog.boot = "boot 2";
    fixture.start_engine(1);
    fixture.time.run_for(1h);
    EXPECT_EQ(job().end, ExportEnd::unflushed);
    EXPECT_THAT(fixture.catalog.manifests, IsEmpty());
}

TEST_F(PlantedManifest, OverTheOwnOneWhileTheRenameIsRefusedIsReplaced) {
    rename_is_refused();
    fixture.catalog.landed[landing()] = planted();
    fixture.catalog.renaming_fails.reset();
    fixture.time.run_for(6min);
    expect_own_manifest();
}

TEST_F(PlantedManifest, InTheMomentOfTheRenameMakesNoJobSucceed) {
    begin_export();
    fixture.catalog.on_rename = [this](Manifest& manifest) { manifest.files = planted().files; };
    fixture.time.run_for(1min);
    EXPECT_EQ(job().outcome, Outcome::failed);
    ASSERT_TRUE(job().error);
    EXPECT_THAT(job().error->context, HasSubstr("is not the one that this export wrote"));
    EXPECT_THAT(conditions(), IsEmpty());
}
