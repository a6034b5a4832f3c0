// upload-disk-media with a misbehaving cluster and caller: sent at most once, always with a clear result, and what
// remains at the cluster is named.

#include "daemon/core/disk_image.hpp"
#include "tests/simulation/operation_fixture.hpp"

namespace sb::test {
namespace {

using engine::Operation;
using engine::OperationState;
using testing::HasSubstr;

/// A file of the caller that may become shorter.
class Content final : public ByteSource {
public:
    Content(std::uint64_t size, std::uint64_t there) : size_(size), there_(there) {}

    std::uint64_t size() const override { return size_; }
    task<Result<std::size_t>> read_some(std::span<char> into) override {
        if (there_ == 0) co_return Error{Errc::io, "the file has become shorter"};
        auto const count = std::min<std::uint64_t>(into.size(), there_);
        there_ -= count;
        co_return static_cast<std::size_t>(count);
    }

private:
    std::uint64_t size_, there_;
};

class UploadDiskImage : public testing::Test, public OperationFixture {
protected:
    std::uint64_t there = 40;  ///< of the 40 bytes that the file has when it is opened
    bool wait_for_conversion = false;
    Milliseconds conversion_limit = 1h;

    Result<Operation> start(std::string const& name = "new.qcow2",
                            std::optional<Milliseconds> patience = std::nullopt) {
        engine::OperationOptions terms;
        terms.kind = engine::upload_disk_image_kind;
        terms.abandon_after = patience;
        terms.text_when_cancelled = engine::leftover_text(name);
        engine::UploadOrder order{name, std::make_shared<Content>(40, there), wait_for_conversion, conversion_limit};
        auto const work = [this, order](std::shared_ptr<Operation> operation) {
            return engine::upload_disk_image(ports, order, std::move(operation));
        };
        return operations.start(std::move(terms), work);
    }
    Operation upload() { return end_of(start()); }

    Error name_check(std::string const& name) {
        Result<void> checked = Error{Errc::internal, "it has not ended"};
        auto const note = [&](std::exception_ptr, Result<void> result) { checked = std::move(result); };
        asio::co_spawn(io, engine::check_name_is_free(disks, name), note);
        time.settle();
        return checked ? Error{} : checked.error();
    }
};

TEST_F(UploadDiskImage, SendsEveryByteOnceAndReportsTheNewDisk) {
    auto const operation = upload();
    EXPECT_EQ(operation.state, OperationState::succeeded);
    EXPECT_EQ(operation.created, "medium-1");
    EXPECT_EQ(operation.done_bytes, 40u);
    EXPECT_EQ(disks.uploads, std::vector<std::string>{"new.qcow2"});
    EXPECT_EQ(disks.uploaded_bytes, 40u);
}

TEST_F(UploadDiskImage, CountsWhatWasSentNotWhatWasRead) {
    disks.piece_time = 1s;
    auto const started = start();
    ASSERT_TRUE(started);
    time.settle();
    auto operation = operations.get(started->id).value();
    EXPECT_EQ(operation.phase, "uploading");
    EXPECT_EQ(operation.total_bytes, 40u);
    EXPECT_EQ(operation.done_bytes, 0u);
    time.run_for(3500ms);
    EXPECT_EQ(operations.get(started->id)->done_bytes, 12u);
    time.run_for(7s);
    operation = operations.get(started->id).value();
    EXPECT_EQ(operation.state, OperationState::succeeded);
    EXPECT_EQ(operation.done_bytes, 40u);
}

TEST_F(UploadDiskImage, WaitsForTheConversionIfItIsAskedTo) {
    wait_for_conversion = true;
    auto const started = start();
    time.run_for(30s);
    EXPECT_EQ(operations.get(started->id)->state, OperationState::running);
    EXPECT_EQ(operations.get(started->id)->phase, "converting");
    disks.media[0].name = "new.qcow2";
    EXPECT_EQ(end_of(started).state, OperationState::succeeded);
}

TEST_F(UploadDiskImage, ReportsAnUploadThatTheClusterCouldNotConvert) {
    wait_for_conversion = true;
    auto const started = start();
    time.run_for(5s);
    disks.media.clear();
    auto const operation = end_of(started);
    EXPECT_EQ(operation.error->code, Errc::task_failed);
    EXPECT_THAT(operation.error->context, HasSubstr("could not convert 'new.qcow2'"));
}

TEST_F(UploadDiskImage, WaitsThroughALostConnectionButNotForever) {
    wait_for_conversion = true;
    conversion_limit = 60s;
    auto const started = start();
    time.run_for(5s);
    disks.list_fails = Error{Errc::unreachable, "no answer"};
    time.run_for(20s);
    EXPECT_EQ(operations.get(started->id)->state, OperationState::running);
    auto const operation = end_of(started);
    EXPECT_EQ(operation.error->code, Errc::timed_out);
    EXPECT_THAT(operation.error->context, HasSubstr("the upload is complete"));
}

TEST_F(UploadDiskImage, AnUploadThatIsRefusedIsNotSentAgain) {
    disks.refuse_upload = Error{Errc::rejected, "it answered 400: out of space"};
    auto const operation = upload();
    EXPECT_EQ(operation.state, OperationState::failed);
    EXPECT_EQ(operation.error->code, Errc::rejected);
    EXPECT_THAT(operation.error->context, HasSubstr("out of space; the cluster kept nothing of the upload"));
    EXPECT_EQ(disks.uploads.size(), 1u);
}

TEST_F(UploadDiskImage, AFileThatBecomesShorterStopsItAndThePartialUploadIsNamed) {
    there = 24;
    auto const operation = upload();
    EXPECT_EQ(operation.state, OperationState::failed);
    EXPECT_EQ(operation.error->code, Errc::io);
    EXPECT_THAT(
        operation.error->context,
        HasSubstr("has become shorter; the cluster keeps the partial upload as 'uploading-new.qcow2' (medium-1)"));
    EXPECT_EQ(operation.done_bytes, 24u);
    EXPECT_TRUE(operation.created.empty());
}

TEST_F(UploadDiskImage, NamesThePartialUploadAlsoWhenTheClusterNoLongerAnswers) {
    there = 24;
    disks.list_fails = Error{Errc::unreachable, "no answer"};
    EXPECT_THAT(upload().error->context, HasSubstr("may remain at the cluster as 'uploading-new.qcow2'"));
}

TEST_F(UploadDiskImage, ACancelledUploadStopsAndNamesThePartialUpload) {
    disks.piece_time = 1s;
    auto const started = start();
    time.run_for(4500ms);
    ASSERT_TRUE(operations.cancel(started->id));
    time.settle();
    auto const operation = operations.get(started->id).value();
    EXPECT_EQ(operation.state, OperationState::cancelled);
    EXPECT_THAT(operation.error->context,
                HasSubstr("stopped; the partial upload may remain at the cluster as 'uploading-new.qcow2'"));
    time.run_for(1h);
    EXPECT_EQ(disks.uploaded_bytes, 16u);
}

TEST_F(UploadDiskImage, ACancellationBeforeItsFirstTurnStopsItToo) {
    disks.piece_time = 1s;
    auto const started = start();
    ASSERT_TRUE(operations.cancel(started->id));
    EXPECT_EQ(end_of(started).state, OperationState::cancelled);
    EXPECT_EQ(disks.uploaded_bytes, 0u);
}

TEST_F(UploadDiskImage, ACancellationAfterTheEndChangesNothing) {
    auto const started = start("new.qcow2", 60s);
    EXPECT_EQ(end_of(started).state, OperationState::succeeded);
    EXPECT_EQ(operations.cancel(started->id)->state, OperationState::succeeded);
    EXPECT_EQ(operations.get(started->id)->state, OperationState::succeeded);
}

TEST_F(UploadDiskImage, AnUploadThatFinishesImmediatelyIsNoLongerWatched) {
    ASSERT_TRUE(start("new.qcow2", 60s));
    time.settle();
    EXPECT_EQ(time.sleepers(), 0u);
}

TEST_F(UploadDiskImage, IsNotKeptAliveByAnotherUser) {
    disks.piece_time = 1h;  // the cluster hangs
    auto const started = start("new.qcow2", 60s);
    for (int asked = 0; asked < 3; ++asked) {
        time.run_for(25s);
        static_cast<void>(operations.get(started->id, 54321U));
    }
    EXPECT_EQ(operations.get(started->id, 54321U)->state, OperationState::cancelled);
}

TEST_F(UploadDiskImage, StopsWhenNoClientAsksForAMinute) {
    disks.piece_time = 1h;  // the cluster hangs
    auto const started = start("new.qcow2", 60s);
    for (int looks = 0; looks < 10; ++looks) {
        time.run_for(50s);
        ASSERT_EQ(operations.get(started->id)->state, OperationState::running);
    }
    time.run_for(62s);
    EXPECT_EQ(operations.get(started->id)->state, OperationState::cancelled);
    EXPECT_EQ(time.sleepers(), 0u);
}

TEST_F(UploadDiskImage, StoppingTheDaemonCancelsRunningUploadsAndNothingStartsAfterwards) {
    disks.piece_time = 1h;
    ASSERT_TRUE(start("a.qcow2", 60s));
    time.settle();
    ASSERT_TRUE(start("b.qcow2"));  // it has not had a turn yet
    stop();
    EXPECT_EQ(time.sleepers(), 0u);
    EXPECT_EQ(start("c.qcow2").error().context, "the daemon is stopping");
    EXPECT_EQ(disks.uploaded_bytes, 0u);
}

TEST_F(UploadDiskImage, FourRunAtATimeAndTheOldestFinishedAreForgotten) {
    disks.piece_time = 1s;
    std::vector<engine::OperationId> ids;
    for (int count = 0; count < 4; ++count) ids.push_back(start("n.qcow2")->id);
    EXPECT_EQ(start().error().code, Errc::refused);
    EXPECT_THAT(start().error().context, HasSubstr("4 uploads and clones are already running"));
    time.run_for(1h);
    for (int count = 0; count < 29; ++count)  // 33 in all, and 32 are kept
        ASSERT_EQ(end_of(start()).state, OperationState::succeeded);
    EXPECT_EQ(operations.get(ids[0]).error().code, Errc::not_found);
    EXPECT_EQ(operations.get(ids[1])->state, OperationState::succeeded);
}

TEST_F(UploadDiskImage, ANameInUseIsReportedBeforeAByteIsSent) {
    EXPECT_EQ(name_check("new.qcow2").context, "");
    disks.media.push_back({"u-1", "new.qcow2", 0});
    auto const taken = name_check("new.qcow2");
    EXPECT_EQ(taken.code, Errc::name_in_use);
    EXPECT_THAT(taken.context, HasSubstr("named 'new.qcow2' (u-1); delete it there"));
    disks.media[0].name = "uploading-new.qcow2";
    EXPECT_THAT(name_check("new.qcow2").context, HasSubstr("in progress or was interrupted"));
    disks.list_fails = Error{Errc::unreachable, "no answer"};
    EXPECT_EQ(name_check("new.qcow2").code, Errc::unreachable);
    EXPECT_TRUE(disks.uploads.empty());
}

TEST(DiskImageName, ReportsWhatTheClusterDoesNotAccept) {
    for (auto const* const good : {"a.qcow2", "b.VMDK", "c d.vhd", "e.tar.vhdx", "f.img"})
        EXPECT_TRUE(core::check_disk_image_name(good)) << good;
    EXPECT_THAT(core::check_disk_image_name("setup.iso").error().context, HasSubstr("CD-ROM"));
    EXPECT_EQ(core::check_disk_image_name("disk.raw").error().code, Errc::refused);
    EXPECT_EQ(core::check_disk_image_name("noextension").error().code, Errc::refused);
    EXPECT_EQ(core::check_disk_image_name("").error().code, Errc::invalid_name);
    EXPECT_EQ(core::check_disk_image_name("a/b.img").error().code, Errc::invalid_name);
    EXPECT_EQ(core::check_disk_image_name("a\nb.img").error().code, Errc::invalid_name);
    EXPECT_EQ(core::check_disk_image_name(std::string(260, 'a') + ".img").error().code, Errc::invalid_name);
}

}  // namespace
}  // namespace sb::test
