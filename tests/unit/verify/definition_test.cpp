#include "daemon/verify/definition.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sb::verify {
namespace {

// Has the structure of a real export, which is padded with NULs to whole sectors.
std::string const genuine = R"(<domain type="kvm">
  <name>FILE01 &amp; Söhne</name>
  <description>file server</description>
  <uuid>9e1f7a30-4f0b-4d0c-a7d5-2a51a6f0c801</uuid>
  <memory unit="KiB">8388608</memory>
  <vcpu placement="static">2</vcpu>
  <os><type arch="x86_64" machine="pc-i440fx-rhel7.0.0">hvm</type></os>
  <metadata>
    <scale-metadata xmlns="http://www.scalecomputing.com/scaled">
      <os uuid="os_other"/>
      <tags><tag name="prod"/><tag name="backup"/></tags>
    </scale-metadata>
  </metadata>
  <devices>
    <disk type="network" device="disk">
      <boot order="1"/>
      <driver name="qemu" type="scribe" cache="writethrough"/>
      <source protocol="scribe" name="scribe/4ad0f0d2-7c43-4a9d-9c4e-77b0d1f3a901"/>
      <serial>4ad0f0d2</serial>
      <target dev="vda" bus="virtio"/>
    </disk>
    <disk device="cdrom"><boot order="2"/><target dev="hda" bus="ide"/><readonly/></disk>
    <interface type="bridge">
      <mac address="7C:4C:58:01:02:03"/><model type="virtio"/><source bridge="lan"/>
    </interface>
  </devices>
</domain>
)";

std::string with_disk(std::string const& source) {
    return "<domain><name>x</name><devices><disk device='disk'><source name='" + source +
           "'/></disk></devices></domain>";
}

Errc definition_code(std::string const& text) {
    auto const result = parse_definition(text);
    return result ? Errc{} : result.error().code;
}

TEST(Definition, ReadsARealExportWithItsPadding) {
    auto const parsed = parse_definition(genuine + std::string(219, '\0') + "\n");
    ASSERT_TRUE(parsed) << parsed.error().context;
    EXPECT_EQ(parsed->name, "FILE01 & Söhne");
    EXPECT_EQ(parsed->description, "file server");
    EXPECT_EQ(parsed->uuid, "9e1f7a30-4f0b-4d0c-a7d5-2a51a6f0c801");
    EXPECT_EQ(parsed->vcpus, 2);
    EXPECT_EQ(parsed->memory_bytes, std::uint64_t{8} << 30);
    EXPECT_EQ(parsed->tags, (std::vector<std::string>{"prod", "backup"}));
    ASSERT_EQ(parsed->disks.size(), 2u);
    EXPECT_EQ(parsed->disks[0].base, "4ad0f0d2-7c43-4a9d-9c4e-77b0d1f3a901");
    EXPECT_EQ(parsed->disks[0].bus, "virtio");
    EXPECT_EQ(parsed->disks[0].boot_order, 1);
    EXPECT_TRUE(parsed->disks[0].needs_image());
    EXPECT_FALSE(parsed->disks[1].needs_image());
    ASSERT_EQ(parsed->nics.size(), 1u);
    EXPECT_EQ(parsed->nics[0].bridge, "lan");
}

TEST(Definition, ATruncatedFileIsIncompleteWhereverItEnds) {
    auto const end = genuine.find("</domain>") + 9;
    for (std::size_t length = 0; length < end; ++length) {
        auto const code = definition_code(genuine.substr(0, length));
        EXPECT_TRUE(code == Errc::incomplete_backup || code == Errc::damaged_backup) << length;
    }
    EXPECT_EQ(definition_code(""), Errc::incomplete_backup);
    EXPECT_EQ(definition_code(std::string(512, '\0')), Errc::incomplete_backup);
    EXPECT_EQ(definition_code(genuine.substr(0, 512)), Errc::incomplete_backup);
}

TEST(Definition, RefusesADocumentThatIsNotAVm) {
    EXPECT_EQ(definition_code("<network><name>x</name></network>"), Errc::damaged_backup);
    EXPECT_EQ(definition_code("<domain><uuid>x</uuid></domain>"), Errc::damaged_backup);
    EXPECT_EQ(definition_code("<html>502</html>"), Errc::damaged_backup);
    EXPECT_EQ(definition_code("{\"json\": true}"), Errc::damaged_backup);
    EXPECT_EQ(definition_code(genuine + std::string(max_definition_bytes, ' ')), Errc::damaged_backup);
}

TEST(Definition, RefusesADoctypeAndExpandsNoEntities) {
    EXPECT_EQ(
        definition_code("<!DOCTYPE domain [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><domain><name>&a;</name></domain>"),
        Errc::damaged_backup);
    auto const parsed = parse_definition("<domain><name>&unknown;</name></domain>");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->name, "&unknown;");
}

TEST(Definition, ADiskMustBeAFileOfTheFolder) {
    for (std::string const source :
         {"scribe/../other", "scribe/a/b", "../../etc/passwd", "/etc/passwd", "scribe/..", "scribe/", "scribe/a\\b"})
        EXPECT_EQ(definition_code(with_disk(source)), Errc::damaged_backup) << source;
    EXPECT_TRUE(parse_definition(with_disk("scribe/ubuntu-template")));
}

std::string repeated(std::string const& element, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) text += element;
    return text;
}

TEST(Definition, NoListOfItIsLongerThanAnyVmNeeds) {
    std::string const begin = "<domain><name>x</name>";
    for (std::string const kind : {"<disk/>", "<interface/>"}) {
        auto const of = [&](std::size_t many) {
            return definition_code(begin + "<devices>" + repeated(kind, many) + "</devices></domain>");
        };
        EXPECT_EQ(of(max_definition_entries), Errc{}) << kind;
        EXPECT_EQ(of(max_definition_entries + 1), Errc::damaged_backup) << kind;
    }
    auto const tags = repeated("<tag name='t'/>", max_definition_entries + 1);
    EXPECT_EQ(definition_code(begin + "<metadata><scale-metadata><tags>" + tags +
                              "</tags></scale-metadata></metadata></domain>"),
              Errc::damaged_backup);
}

TEST(Definition, DeepNestingExhaustsNothing) {
    std::string deep;
    for (int i = 0; i < 1000000; ++i) deep += "<a>";
    EXPECT_NE(definition_code(deep), Errc{});
    std::string closed = "<domain><name>x</name>";
    for (int i = 0; i < 400000; ++i) closed += "<a>";
    for (int i = 0; i < 400000; ++i) closed += "</a>";
    EXPECT_TRUE(parse_definition(closed + "</domain>"));
}

}  // namespace
}  // namespace sb::verify
