#include "common/ipc/open_file.hpp"
#include "common/text/size_text.hpp"
#include "ctl/commands/ask.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/commands/follow_operation.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/render/words.hpp"
#include "ctl/request.hpp"

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
    constexpr int looks = 50;
    constexpr std::chrono::milliseconds pause{50};
    std::string outcome =
        "whether the upload was stopped is not known; it is when nobody has asked for it for a minute";
    Result<std::unique_ptr<Client>> client = co_await Client::connect(session.options.socket);
    if (client) {
        (*client)->set_call_limit(std::chrono::seconds(5));
        rpc::CancelOperation::Params params;
        params.operation = operation;
        Result<rpc::CancelOperation::Reply> reply = co_await (*client)->call<rpc::CancelOperation>(params);
        asio::steady_timer timer(co_await asio::this_coro::executor);
        boost::system::error_code woken;
        for (int i = 0; i < looks && reply && reply->operation.state == "running"; ++i) {
            timer.expires_after(pause);
            co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, woken));
            reply = co_await (*client)->call<rpc::CancelOperation>(params);
        }
        if (reply && reply->operation.state == "succeeded")
            outcome = "the upload had ended well before it could be stopped";
        else if (reply && reply->operation.error) outcome = "the upload is " + escape_controls(*reply->operation.error);
    }
    session.console.say(outcome);
}

std::string file_name_of(std::filesystem::path const& path) { return path.filename().string(); }

/// The way to the operation was lost.
int give_up(Session& session, Error const& error, std::string const& name) {
    int const code = report(session, error);
    if (error.code == Errc::daemon_unreachable)
        session.console.say("an upload ends with the daemon and is not taken up again: look for 'uploading-" +
                            escape_controls(name) + "' at the cluster, delete it, and begin anew");
    return code;
}

}  // namespace

task<int> run_command(Session& session, UploadDiskMedia command) {
    auto const name = file_name_of(command.file);
    // Opened here, with the rights of whoever calls; the daemon only reads it.
    auto file = ipc::OpenFile::open(command.file);
    if (!file) co_return report(session, file.error());
    Result<std::unique_ptr<Client>> client = co_await Client::connect(session.options.socket);
    if (!client) co_return report(session, client.error());
    auto const begun = session.console.steady_now();
    rpc::UploadDiskImage::Params params;
    params.name = name;
    params.wait = command.wait;
    Result<rpc::UploadDiskImage::Reply> started = co_await (*client)->call<rpc::UploadDiskImage>(params, *file);
    if (!started) co_return give_up(session, started.error(), name);
    Result<rpc::OperationInfo> ended = co_await follow_operation(session, **client, started->operation, name);
    if (!ended) {
        if (!session.interrupted) co_return give_up(session, ended.error(), name);
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
        auto const took = std::chrono::floor<std::chrono::seconds>(session.console.steady_now() - begun);
        auto const shown = ctl::in_quotes(escape_controls(name));
        session.console.results << shown << " is uploaded: " << size_text(ended->total_bytes) << " in "
                                << length_text(took) << ", virtual disk " << escape_controls(ended->created_uuid)
                                << ".\n";
        if (!command.wait)
            session.console.say("The cluster converts it now, and shows it as 'converting-" + escape_controls(name) +
                                "' until it is ready.");
    }
    co_return exit_done;
}

}  // namespace sb::ctl
