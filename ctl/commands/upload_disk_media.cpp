#include "common/ipc/open_file.hpp"
#include "common/text/size_text.hpp"
#include "ctl/ask.hpp"
#include "ctl/follow/operation.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/render/text.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sb::ctl {
namespace {

/// After Ctrl-C: its own connection and its own coroutine, which the interrupt does not reach.
task<void> stop_upload(Session& session, std::uint64_t operation) {
    constexpr int attempts = 50;
    constexpr std::chrono::milliseconds pause{50};
    std::string outcome = "The upload may still be running; the daemon stops it after a minute without a client.";
    Result<std::unique_ptr<Client>> client = co_await Client::connect(session.options.socket);
    if (client) {
        (*client)->set_call_limit(std::chrono::seconds(5));
        rpc::CancelOperation::Params params;
        params.operation = operation;
        Result<rpc::CancelOperation::Reply> reply = co_await (*client)->call<rpc::CancelOperation>(params);
        asio::steady_timer timer(co_await asio::this_coro::executor);
        boost::system::error_code woken;
        for (int i = 0; i < attempts && reply && reply->operation.state == "running"; ++i) {
            timer.expires_after(pause);
            co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
            reply = co_await (*client)->call<rpc::CancelOperation>(params);
        }
        if (reply && reply->operation.state == "succeeded") outcome = "The upload finished before it could be stopped.";
        else if (reply && reply->operation.state == "cancelled" && reply->operation.error)
            outcome = "The upload was cancelled: " + escape_controls(*reply->operation.error);
        else if (reply && reply->operation.error)
            outcome = "The upload failed: " + escape_controls(*reply->operation.error);
    }
    session.console.say(outcome);
}

std::string file_name_of(std::filesystem::path const& path) { return path.filename().string(); }

/// The connection was lost.
int report_lost_upload(Session& session, Error const& error, std::string const& name) {
    int const code = report(session, error);
    if (error.code == Errc::daemon_unreachable)
        session.console.say("The upload stopped with the daemon and is not resumed. Delete " +
                            in_quotes("uploading-" + name) + " on the cluster if it exists, then start again.");
    return code;
}

task<int> run_upload_disk_media(Session& session, Arguments arguments) {
    auto const path = arguments.text("FILE");
    bool const wait = arguments.has("wait");
    auto const name = file_name_of(path);
    // Opened here, with the rights of the caller; the daemon only reads it.
    auto file = ipc::OpenFile::open(path);
    if (!file) co_return report(session, file.error());
    Result<std::unique_ptr<Client>> client = co_await Client::connect(session.options.socket);
    if (!client) co_return report(session, client.error());
    auto const start = session.console.steady_now();
    rpc::UploadDiskImage::Params params;
    params.name = name;
    params.wait = wait;
    Result<rpc::UploadDiskImage::Reply> started = co_await (*client)->call<rpc::UploadDiskImage>(params, *file);
    if (!started) co_return report_lost_upload(session, started.error(), name);
    Result<rpc::OperationInfo> ended = co_await follow_operation(session, **client, started->operation, name);
    if (!ended) {
        if (!session.interrupted) co_return report_lost_upload(session, ended.error(), name);
        asio::any_io_executor executor = co_await asio::this_coro::executor;
        asio::co_spawn(executor, stop_upload(session, started->operation.id), asio::detached);
        co_return exit_interrupted;
    }
    if (session.options.json) print_json(session, *ended);
    if (ended->error) {
        session.console.say("scale-backupctl: " + escape_controls(*ended->error));
        co_return exit_code_of(errc_from_name(ended->error_code));
    }
    if (!session.options.json) {
        auto const took = std::chrono::floor<std::chrono::seconds>(session.console.steady_now() - start);
        auto const shown = in_quotes(name);
        session.console.out << shown << " was uploaded: " << size_text(ended->total_bytes) << " in "
                            << short_length_text(took) << ", virtual disk " << escape_controls(ended->created_uuid)
                            << ".\n";
        if (!wait)
            session.console.say("The cluster is converting it, and shows it as " + in_quotes("converting-" + name) +
                                " until it is ready.");
    }
    co_return exit_done;
}

}  // namespace

CommandSpec upload_disk_media_command() {
    return {
        .word = "upload-disk-media",
        .summary = "upload an image",
        .arguments = {{.name = "FILE",
                       .value = {ValueKind::file},
                       .help = "the image; it must not change during the upload"}},
        .options = {{.name = "wait", .help = "also wait until the cluster has converted it"}},
        .details = R"(Uploads a disk image to the cluster, where it becomes a virtual disk that can
be attached to a VM: .qcow2, .vmdk, .vhd, .vhdx or .img. Upload ISO images, the
media of CD-ROM drives, in the cluster's web interface. The file's name must
not exist on the cluster yet. The file is read with your rights, not with the
daemon's. Ctrl-C stops the upload; the part that arrived stays on the cluster
as 'uploading-NAME' until it is deleted there. A failed upload is not retried.)",
        .examples = {"scale-backupctl upload-disk-media --wait ./debian-12.qcow2"},
        .run = run_upload_disk_media,
    };
}

}  // namespace sb::ctl
