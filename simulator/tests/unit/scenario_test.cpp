#include "simulator/app/scenario.hpp"

#include "simulator/tests/unit/server_fixture.hpp"

#include <fstream>

namespace sb::sim {
namespace {

using testing::HasSubstr;

class Scenarios : public test::ServerTest {
protected:
    Result<void> play(std::string_view text) {
        auto const file = (folder.path / "scenario.json").string();
        std::ofstream(file) << text;
        return apply_scenario(sim, Options(), file);
    }
};

TEST_F(Scenarios, ACapacityIsShownAsItIsAndExportedInWholeSectors) {
    ASSERT_TRUE(play(R"({"vms":[{"name":"ODD","uuid":"odd","disks":[{"size":1000001,"fill":100},{"size":1536}]}]})"));
    auto const document = json::Document::parse(call("GET", "/VirDomain/odd").body);
    auto const devices = document->root().at(0)["blockDevs"];
    EXPECT_EQ(devices.at(0)["capacity"].integer(), 1000001);
    EXPECT_EQ(devices.at(1)["capacity"].integer(), 1536);
    auto const file = sim.disks.disk(devices.at(0)["uuid"].text());
    EXPECT_EQ(std::filesystem::file_size(file), 1000001U);

    call("POST", "/VirDomain/odd/export", R"({"target":{"pathURI":"smb://u:p@h/s/f"}})");
    auto const& disks = std::get<ExportSpec>(transfers.specs.at(0)).disks;
    EXPECT_EQ(disks.at(0).capacity, 1000001U) << "the image's writer rounds to sectors";
    EXPECT_EQ(disks.at(1).capacity, 1536U);
}

TEST_F(Scenarios, ImagesCanHaveWholeMebibytes) {
    ASSERT_TRUE(play(R"({"behaviour":{"round_images_to_mib":true},
                         "vms":[{"uuid":"odd","disks":[{"size":1000001},{"size":"2M"},{"size":2097153}]}]})"));
    call("POST", "/VirDomain/odd/export", R"({"target":{"pathURI":"smb://u:p@h/s/f"}})");
    auto const& disks = std::get<ExportSpec>(transfers.specs.at(0)).disks;
    EXPECT_EQ(disks.at(0).capacity, 1U << 20U);
    EXPECT_EQ(disks.at(1).capacity, 2U << 20U);
    EXPECT_EQ(disks.at(2).capacity, 3U << 20U);
    auto const document = json::Document::parse(call("GET", "/VirDomain/odd").body);
    EXPECT_EQ(document->root().at(0)["blockDevs"].at(0)["capacity"].integer(), 1000001);
}

TEST_F(Scenarios, ChooseTheIdentityAndWhoMayReadIt) {
    ASSERT_TRUE(play(R"({"cluster":{"uuid":"c-1","clusterName":"hq"},
                         "behaviour":{"cluster_permission":"Cluster Settings"}})"));
    EXPECT_EQ(shown(call("GET", "/Cluster"), "uuid"), "c-1");
    EXPECT_EQ(shown(call("GET", "/Cluster"), "clusterName"), "hq");
    EXPECT_EQ(call("GET", "/Cluster", "", "Basic cmVhZGVyOnI=").status, 403);
}

TEST_F(Scenarios, CanBeginInAnUpdate) {
    ASSERT_TRUE(play(R"({"update":{"phase":"apply","percent":12}})"));
    EXPECT_THAT(visit("GET", "/update/update_status.json").body, HasSubstr(R"("percent":"12")"));
    auto const wrong = play(R"({"update":{"phase":"maybe"}})");
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().context, HasSubstr("maybe"));
}

}  // namespace
}  // namespace sb::sim
