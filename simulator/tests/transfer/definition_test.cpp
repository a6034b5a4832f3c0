#include "simulator/transfer/definition_xml.hpp"
#include "simulator/transfer/worker_protocol.hpp"
#include "simulator/tests/transfer/transfer_fixture.hpp"

#include <gtest/gtest.h>

#include <fstream>

namespace sb::sim {
namespace {

VmDefinition everything() {
    auto vm = test::sample_vm(3);
    vm.name = "Tom's \"best\" <VM> & Straße 日本 \xf0\x9f\x98\x80";
    vm.description = "first line\nsecond & <third>]]> 'x' \"y\"";
    vm.tags = {"a&b", "<c>", "\"d\"", "ümlaut"};
    vm.machine_type = "scale-uefi-tpm-9.3";
    vm.disks[1] = {"SCSI_DISK", "0b7c1f1e-0000-4000-8000-000000000001", "NONE", 0};
    vm.disks[2] = {"IDE_DISK", "0b7c1f1e-0000-4000-8000-000000000002", "WRITETHROUGH", 7};
    vm.nics = {{"VIRTIO", "7C:4C:58:00:00:01", 4094, true},
               {"INTEL_E1000", "7C:4C:58:00:00:02", 0, false},
               {"RTL8139", "7C:4C:58:00:00:03", 1, true},
               {"PCNET", "7C:4C:58:00:00:04", 0, true}};
    return vm;
}

TEST(DefinitionXml, ReadsBackUnchanged) {
    auto const vm = parse_definition_xml(definition_xml(everything()));
    ASSERT_TRUE(vm) << vm.error().context;
    EXPECT_EQ(*vm, everything());
}

TEST(DefinitionXml, KeepsNamesOfSpacesAndEmptyDescriptions) {
    auto blanks = everything();
    blanks.name = "  ";
    blanks.description = "";
    auto const vm = parse_definition_xml(definition_xml(blanks));
    ASSERT_TRUE(vm);
    EXPECT_EQ(vm->name, "  ");
    EXPECT_EQ(vm->description, "");
}

TEST(DefinitionXml, IsPaddedWithNulsToWholeSectors) {
    auto const file = definition_xml(everything());
    EXPECT_EQ(file.size() % 512, 0U);
    EXPECT_TRUE(file.starts_with("<domain type=\"kvm\">\n"));
    auto const end = file.find('\0');
    if (end != std::string::npos) {
        EXPECT_EQ(file.find_first_not_of('\0', end), std::string::npos);
        EXPECT_TRUE(file.substr(0, end).ends_with("</domain>\n"));
        EXPECT_LT(file.size() - end, 512U);
    }
}

TEST(DefinitionXml, AnotherParserReadsTheTextBeforeThePadding) {
    test::TempDir dir;
    auto const file = definition_xml(everything());
    std::ofstream(dir / "vm.xml", std::ios::binary) << file;
    // Python's expat must find the name and the disks' sources in the text before the first NUL.
    std::string const script =
        "import sys, xml.etree.ElementTree as E\n"
        "d = E.fromstring(open(sys.argv[1], 'rb').read().split(b'\\0')[0])\n"
        "n = d.findtext('name').encode('unicode_escape').decode()\n"
        "print(n, *[s.get('name') for s in d.findall('devices/disk/source')], len(d.findall('devices/disk')))\n";
    std::string output;
    if (test::run_program({"python3", "-c", script, (dir / "vm.xml").string()}, &output) == 127)
        GTEST_SKIP() << "python3 is not installed";
    EXPECT_EQ(output,
              "Tom's \"best\" <VM> & Stra\\xdfe \\u65e5\\u672c \\U0001f600 scribe/disk-uuid-0 "
              "scribe/0b7c1f1e-0000-4000-8000-000000000001 scribe/0b7c1f1e-0000-4000-8000-000000000002 4\n");
}

TEST(DefinitionXml, RefusesGarbageWithAReason) {
    for (auto const* bad : {"", "<domain", "<html/>", "<domain/>", "no xml at all"})
        EXPECT_EQ(parse_definition_xml(bad).error().code, Errc::malformed) << bad;
}

TEST(WorkerProtocol, SpecsReadBackUnchanged) {
    auto spec = test::sample_export("smb://u:p%22@h/s/f", {{"/tmp/Ü \"x\".raw", 1ULL << 40U}});
    spec.definition = everything();
    spec.compress = true;
    spec.compat = "0.10";
    spec.duration_ms = 7000;
    spec.faults.fail_at_percent = 99;
    spec.faults.fail_message = "No space left on '%@'";
    spec.faults.wrong_virtual_size = 0;
    auto const parsed = parse_spec(to_json(WorkerSpec(spec)));
    ASSERT_TRUE(parsed);
    auto const& back = std::get<ExportSpec>(*parsed);
    EXPECT_EQ(back.definition, spec.definition);
    EXPECT_EQ(back.place.path_uri, spec.place.path_uri);
    EXPECT_EQ(back.disks[0].raw_file, spec.disks[0].raw_file);
    EXPECT_EQ(back.disks[0].capacity, 1ULL << 40U);
    EXPECT_EQ(back.faults.fail_at_percent, 99);
    EXPECT_EQ(back.faults.freeze_at_percent, std::nullopt);
    EXPECT_EQ(back.faults.wrong_virtual_size, 0);
    EXPECT_EQ(to_json(*parsed), to_json(WorkerSpec(spec)));

    ImportSpec import{{"smb://h/s/f", "/mapped", "x.xml", 5}, "/target", 10, {}};
    EXPECT_EQ(to_json(*parse_spec(to_json(WorkerSpec(import)))), to_json(WorkerSpec(import)));
    ProbeSpec probe{{"smb://h/s/f", "", "", 5}, true};
    EXPECT_EQ(to_json(*parse_spec(to_json(WorkerSpec(probe)))), to_json(WorkerSpec(probe)));
}

TEST(WorkerProtocol, MessagesReadBackUnchanged) {
    Done done{{{"a.qcow2", "/r", 5, 6}}, everything(), 77, 8};
    Failed failed{"Unable to %@: %@", {"open 'x'", "y"}, "NT_STATUS_DISK_FULL"};
    std::vector<WorkerMessage> const messages{Progress{37, 1ULL << 50U}, done, failed};
    for (auto const& message : messages) EXPECT_EQ(to_json(*parse_message(to_json(message))), to_json(message));
    EXPECT_FALSE(parse_message("{}"));
    EXPECT_FALSE(parse_message("Segmentation fault"));
    EXPECT_FALSE(parse_spec("{\"transfer\":\"move\"}"));
}

}  // namespace
}  // namespace sb::sim
