#include "simulator/api/schema.hpp"

#include <gmock/gmock.h>

namespace sb::sim {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> check(Schema const& schema, std::string_view text) {
    auto const document = json::Document::parse(text);
    return problems_of(schema, document->root());
}

TEST(Schema, AcceptsTheVendorModulesExportBody) {
    EXPECT_THAT(check(schemas::vm_export(), R"({"target":{"pathURI":"smb://a/b/c"},"template":{}})"), IsEmpty());
}

TEST(Schema, RefusesUnknownKeysInAnExportsTarget) {
    EXPECT_THAT(check(schemas::vm_export(), R"({"target":{"pathURI":"x","folder":"y"}})"),
                ElementsAre("/target/folder: Property not allowed"));
}

TEST(Schema, RefusesCompressInAnImportsSource) {
    EXPECT_THAT(check(schemas::vm_import(), R"({"source":{"pathURI":"x","compress":false}})"),
                ElementsAre("/source/compress: Property not allowed"));
}

TEST(Schema, ExportsTopLevelIsOpenAsInTheVendorsDocument) {
    EXPECT_THAT(check(schemas::vm_export(), R"({"target":{"pathURI":"x"},"extra":1})"), IsEmpty());
}

TEST(Schema, ReportsAllProblemsTogether) {
    EXPECT_THAT(check(schemas::iso_create(), R"({"somekey":1,"size":"big"})"),
                ElementsAre("/somekey: Property not allowed", HasSubstr("/size: expected integer"),
                            "/name: Missing property", "/readyForInsert: Missing property"));
}

TEST(Schema, NullIsNotATimestamp) {
    EXPECT_THAT(check(schemas::snapshot_create(), R"({"domainUUID":"u","localRetainUntilTimestamp":null})"),
                ElementsAre(HasSubstr("/localRetainUntilTimestamp: expected integer")));
}

TEST(Schema, SnapshotHasNoVirDomainUUID) {
    EXPECT_THAT(check(schemas::snapshot_create(), R"({"virDomainUUID":"u"})"),
                ElementsAre("/virDomainUUID: Property not allowed"));
}

TEST(Schema, DeviceCloneNeedsItsThreePartsAndAcceptsAMisspelledTemplateKey) {
    EXPECT_THAT(check(schemas::device_clone(), R"({"snapUUID":"s"})"),
                ElementsAre("/options: Missing property", "/template: Missing property"));
    EXPECT_THAT(check(schemas::device_clone(), R"({"options":{},"snapUUID":"s","template":{"virDomainUUID":"v",
                      "type":"VIRTIO_DISK","capacity":1,"chacheMode":"NONE"}})"),
                IsEmpty());
}

TEST(Schema, CreateToleratesReadOnlyDeviceFields) {
    EXPECT_THAT(check(schemas::vm_create(), R"({"dom":{"name":"n","blockDevs":[{"type":"VIRTIO_DISK","capacity":1,
                      "allocation":0,"mountPoints":[],"readOnly":false}],"netDevs":[{"type":"VIRTIO",
                      "ipv4Addresses":[]}]},"options":{"attachGuestToolsISO":true}})"),
                IsEmpty());
}

TEST(Schema, ChecksNestedValuesAndElements) {
    EXPECT_THAT(check(schemas::vm_patch(), R"({"blockDevs":[{"type":"FLOPPY","capacity":1}],"bootDevices":[7]})"),
                ElementsAre(HasSubstr("/blockDevs/0/type"), HasSubstr("/bootDevices/0: expected string")));
}

TEST(Schema, PlainTextRefusalBeginsLikeTheValidator) {
    EXPECT_THAT(refusal_as_text({"/a: b"}), testing::StartsWith("Request has one or more errors\n"));
}

}  // namespace
}  // namespace sb::sim
