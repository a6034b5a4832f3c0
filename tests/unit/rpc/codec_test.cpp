#include "common/rpc/codec.hpp"

#include <gmock/gmock.h>

namespace sb::rpc {
namespace {

using testing::HasSubstr;

template <class T>
Result<T> decode_text(std::string_view text) {
    auto const document = json::Document::parse(text);
    if (!document) return document.error();
    return decode<T>(document->root());
}

TEST(Codec, AVmIsTheContractsDocument) {
    VmInfo vm;
    vm.uuid = "u";
    vm.name = "FILE \"01\" \u00e4";
    vm.tags = {"a", "b"};
    vm.state = "RUNNING";
    vm.disks = {DiskInfo{"d", "VIRTIO_DISK", 10, 18446744073709551615ULL}};
    vm.eligible = true;
    EXPECT_EQ(encode(vm),
              "{\"uuid\":\"u\",\"name\":\"FILE \\\"01\\\" \u00e4\",\"tags\":[\"a\",\"b\"],\"state\":\"RUNNING\","
              "\"disks\":[{\"uuid\":\"d\",\"type\":\"VIRTIO_DISK\",\"capacity_bytes\":10,"
              "\"allocation_bytes\":18446744073709551615}],\"eligible\":true,\"reason\":\"\"}");
    auto const back = decode_text<VmInfo>(encode(vm));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->name, vm.name);
    EXPECT_EQ(back->disks.at(0).allocation_bytes, 18446744073709551615ULL);
}

TEST(Codec, EmptyOptionalsAreNullAndProtectedIsItsName) {
    auto const text = encode(BackupInfo{});
    EXPECT_THAT(text, HasSubstr(R"("protected":false)"));
    EXPECT_THAT(text, HasSubstr(R"("started":null,"completed":null)"));
    EXPECT_THAT(text, HasSubstr(R"("verified":null)"));
    EXPECT_TRUE(decode_text<BackupInfo>(text));
}

TEST(Codec, ABackupAndAJobHaveTheirFolderBesideTheName) {
    BackupInfo backup;
    backup.name = "friday";
    backup.folder = "friday.exporting-0a1b2c3d";
    EXPECT_THAT(encode(backup), HasSubstr(R"("name":"friday","folder":"friday.exporting-0a1b2c3d")"));
    EXPECT_EQ(decode_text<BackupInfo>(encode(backup))->folder, backup.folder);
    JobInfo job;
    job.backup = "friday";
    EXPECT_THAT(encode(job), HasSubstr(R"("backup":"friday","folder":"")")) << "present before it is known";
    job.folder = backup.folder;
    EXPECT_EQ(decode_text<JobInfo>(encode(job))->folder, job.folder);
}

TEST(Codec, TimesComeBackToTheSecond) {
    JobInfo job;
    job.queued = UtcTime{std::chrono::seconds{1'790'000'000}};
    job.started = UtcTime{std::chrono::seconds{1'790'000'001}};
    auto const back = decode_text<JobInfo>(encode(job));
    ASSERT_TRUE(back);
    EXPECT_EQ(back->queued, job.queued);
    EXPECT_EQ(back->started, job.started);
    EXPECT_EQ(back->finished, std::nullopt);
    EXPECT_EQ(back->percent, std::nullopt);
}

TEST(Codec, ErrorsNameThePathOfTheField) {
    auto const missing = decode_text<StartBackup::Params>(R"({"vm":"a"})");
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error(), (Error{Errc::invalid_params, "params.backup is missing"}));
    auto const number = decode_text<StartBackup::Params>(R"({"vm":5,"backup":"b"})");
    EXPECT_EQ(number.error().context, "params.vm must be a string, not 5");
    auto const null = decode_text<StartBackup::Params>(R"({"vm":null,"backup":"b"})");
    EXPECT_EQ(null.error().context, "params.vm must be a string, not null");
    auto const deep = decode_text<ListVms::Reply>(R"({"vms":[{"uuid":"u","name":"n","tags":["a",7]}]})");
    EXPECT_EQ(deep.error().context, "params.vms[0].tags[1] must be a string, not 7");
}

TEST(Codec, UnknownFieldsAreIgnoredAndDefaultsKept) {
    auto const params = decode_text<ListJobs::Params>(R"({"colour":"green"})");
    ASSERT_TRUE(params);
    EXPECT_EQ(params->limit, 100);
    EXPECT_EQ(decode<ListJobs::Params>({})->limit, 100);
    EXPECT_EQ(decode_text<ListJobs::Params>("[]")->limit, 100);
    EXPECT_FALSE(decode_text<ListJobs::Params>(R"({"limit":5000000000})"));
    EXPECT_FALSE(decode_text<ListJobs::Params>(R"({"limit":1.5})"));
}

TEST(Codec, AReplyThatIsWrongIsMalformedNotTheCallersFault) {
    auto const document = json::Document::parse(R"({"protocol":1})");
    auto const reply = decode_reply<Version::Reply>(document->root());
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error(), (Error{Errc::malformed, "result.version is missing"}));
}

}  // namespace
}  // namespace sb::rpc
