#include "common/rpc/methods.hpp"
#include "ctl/client.hpp"
#include "ctl/commands/ask.hpp"
#include "ctl/commands/commands.hpp"
#include "ctl/render/adoption_page.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/render/schedule_pages.hpp"

#include <algorithm>
#include <set>

namespace sb::ctl {
namespace {

using Folders = std::vector<rpc::AdoptionInfo>;

constexpr int exit_failed = 1;
constexpr int exit_not_found = 3;

/// "Looking at 3 of 40: NAME", one line that is drawn over; into a file nothing, since the table tells it all.
class Counter {
public:
    Counter(Console& console, std::string what, std::size_t total)
        : console_(console), what_(std::move(what)), total_(total) {}
    ~Counter() {
        if (drawn_) console_.talk << "\r\x1b[K" << std::flush;
    }
    Counter(Counter const&) = delete;
    Counter& operator=(Counter const&) = delete;

    void next(std::string const& name) {
        ++done_;
        if (!console_.terminal.talk || !console_.terminal.can_draw) return;
        auto line =
            what_ + " " + std::to_string(done_) + " of " + std::to_string(total_) + ": " + escape_controls(name);
        auto const width = console_.terminal.width ? console_.terminal.width() : 80;
        console_.talk << "\r\x1b[K" << cut_to_width(line, width > 1 ? width - 1 : 1) << std::flush;
        drawn_ = true;
    }

private:
    Console& console_;
    std::string what_;
    std::size_t total_;
    std::size_t done_ = 0;
    bool drawn_ = false;
};

/// An answer that belongs to one folder only: the others go on.
rpc::AdoptionInfo failed(std::string const& name, Error const& error) {
    rpc::AdoptionInfo info;
    info.name = name;
    info.state = "refused";
    info.reason = error.context;
    return info;
}

bool ends_everything(Session const& session, Error const& error) {
    return session.interrupted || error.code == Errc::daemon_unreachable || error.code == Errc::not_permitted ||
           error.code == Errc::cancelled;
}

task<Result<std::vector<std::string>>> names_of(Client& client, std::vector<std::string> given) {
    if (!given.empty()) {
        std::set<std::string> seen;
        std::erase_if(given, [&](std::string const& name) { return !seen.insert(name).second; });
        co_return given;
    }
    rpc::ListOldFolders::Params params;
    Result<rpc::ListOldFolders::Reply> reply = co_await client.call<rpc::ListOldFolders>(params);
    if (!reply) co_return reply.error();
    co_return std::move(reply->folders);
}

task<Result<Folders>> look_at(Session& session, Client& client, std::vector<std::string> const& names) {
    Folders folders;
    Counter counter(session.console, "Looking at", names.size());
    for (auto const& name : names) {
        counter.next(name);
        rpc::InspectOldFolder::Params params;
        params.folder = name;
        Result<rpc::InspectOldFolder::Reply> reply = co_await client.call<rpc::InspectOldFolder>(params);
        if (!reply && ends_everything(session, reply.error())) co_return reply.error();
        folders.push_back(reply ? std::move(reply->folder) : failed(name, reply.error()));
    }
    co_return folders;
}

/// Writes the manifests; each folder becomes what the daemon says of it then.
task<Result<void>> write(Session& session, Client& client, Folders& folders, std::set<std::string> const& protect) {
    auto const adoptable =
        static_cast<std::size_t>(std::ranges::count(folders, "adoptable", &rpc::AdoptionInfo::state));
    Counter counter(session.console, "Adopting", adoptable);
    for (auto& folder : folders) {
        if (folder.state != "adoptable") continue;
        counter.next(folder.name);
        rpc::AdoptFolder::Params params;
        params.folder = folder.name;
        params.is_protected = protect.contains(folder.name);
        Result<rpc::AdoptFolder::Reply> reply = co_await client.call<rpc::AdoptFolder>(params);
        if (!reply && ends_everything(session, reply.error())) co_return reply.error();
        folder = reply ? std::move(reply->folder) : failed(folder.name, reply.error());
    }
    co_return boost::system::in_place_value;
}

task<Result<rpc::PreviewAdoption::Reply>> preview_of(Client& client, std::vector<std::string> const& names) {
    // Calls are bounded; without names the daemon takes all that it was shown.
    constexpr std::size_t most_names = 100;
    rpc::PreviewAdoption::Params params;
    if (names.size() <= most_names) params.folders = names;
    co_return co_await client.call<rpc::PreviewAdoption>(params);
}

int exit_code_of(Folders const& folders) {
    auto const has = [&](std::string_view state) {
        return std::ranges::count(folders, state, &rpc::AdoptionInfo::state) > 0;
    };
    if (has("not_found")) return exit_not_found;
    bool const good = std::ranges::all_of(
        folders, [](auto const& folder) { return folder.state == "adoptable" || folder.state == "adopted"; });
    return good ? exit_done : exit_failed;
}

void show_json(Session& session, Folders const& folders, rpc::PreviewAdoption::Reply const& preview, bool dry_run) {
    json::Writer out(session.console.terminal.results ? json::Layout::pretty : json::Layout::compact);
    out.begin_object().member("dry_run", dry_run);
    out.key("folders").begin_array();
    for (auto const& folder : folders) rpc::write(out, folder);
    out.end_array();
    out.key("preview");
    rpc::write(out, preview);
    out.end_object();
    session.console.results << out.take() << '\n';
}

}  // namespace

task<int> run_command(Session& session, Adopt command) {
    Result<std::unique_ptr<Client>> client = co_await Client::connect(session.options.socket);
    if (!client) co_return report(session, client.error());
    // All tables of an image of many terabytes take their time on slow disks.
    (*client)->set_call_limit(std::chrono::hours{4});
    Result<std::vector<std::string>> names = co_await names_of(**client, command.folders);
    if (!names) co_return report(session, names.error());
    Result<Folders> folders = co_await look_at(session, **client, *names);
    if (!folders) co_return report(session, folders.error());
    Result<rpc::PreviewAdoption::Reply> preview = co_await preview_of(**client, *names);
    if (!preview) co_return report(session, preview.error());

    std::set<std::string> protect;
    if (command.protect)
        for (auto const& gone : preview->deletions) protect.insert(gone.name);
    if (!command.dry_run) {
        Result<void> written = co_await write(session, **client, *folders, protect);
        if (!written) co_return report(session, written.error());
    }
    if (session.options.json) {
        show_json(session, *folders, *preview, command.dry_run);
        co_return exit_code_of(*folders);
    }
    auto const look = session.console.look();
    session.console.results << adoption_page(*folders, look);
    if (folders->empty()) session.console.say("There is nothing to adopt: every backup has its manifest.");
    else
        session.console.results << '\n'
                                << sentences_page(preview_sentences(*folders, *preview, command.protect, look), look);
    session.console.results << std::flush;
    if (command.dry_run && !folders->empty())
        session.console.say("Nothing was changed. Without --dry-run the manifests are written.");
    co_return exit_code_of(*folders);
}

}  // namespace sb::ctl
