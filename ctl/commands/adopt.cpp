#include "common/rpc/methods.hpp"
#include "ctl/ask.hpp"
#include "ctl/client.hpp"
#include "ctl/follow/progress_line.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/render/pages.hpp"

#include <algorithm>
#include <set>

namespace sb::ctl {
namespace {

using Folders = std::vector<rpc::AdoptionInfo>;

/// "Inspecting 3 of 40: NAME", one line that is drawn over; into a file nothing, since the table shows it all.
class FolderCounter {
public:
    FolderCounter(Console& console, std::string what, std::size_t total)
        : console_(console), what_(std::move(what)), total_(total) {}
    ~FolderCounter() { console_.err << lines_.erase() << std::flush; }
    FolderCounter(FolderCounter const&) = delete;
    FolderCounter& operator=(FolderCounter const&) = delete;

    void next(std::string const& name) {
        ++done_;
        if (!console_.terminal.err || !console_.terminal.can_draw) return;
        auto line =
            what_ + " " + std::to_string(done_) + " of " + std::to_string(total_) + ": " + escape_controls(name);
        // The last column stays free: some terminals wrap as soon as it is written.
        auto const width = std::max<std::size_t>(2, console_.terminal.width ? console_.terminal.width() : 80) - 1;
        console_.err << lines_.redraw({cut_to_width(line, width)}) << std::flush;
    }

private:
    Console& console_;
    std::string what_;
    std::size_t total_;
    std::size_t done_ = 0;
    LiveLines lines_;
};

/// An error that concerns one folder only: the others continue.
rpc::AdoptionInfo failed_folder(std::string const& name, Error const& error) {
    rpc::AdoptionInfo info;
    info.name = name;
    info.state = "refused";
    info.reason = error.context;
    return info;
}

bool ends_adoption(Session const& session, Error const& error) {
    return session.interrupted || error.code == Errc::daemon_unreachable || error.code == Errc::not_permitted ||
           error.code == Errc::cancelled;
}

task<Result<std::vector<std::string>>> folder_names(Client& client, std::vector<std::string> given) {
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

task<Result<Folders>> inspect_folders(Session& session, Client& client, std::vector<std::string> const& names) {
    Folders folders;
    FolderCounter counter(session.console, "Inspecting", names.size());
    for (auto const& name : names) {
        counter.next(name);
        rpc::InspectOldFolder::Params params;
        params.folder = name;
        Result<rpc::InspectOldFolder::Reply> reply = co_await client.call<rpc::InspectOldFolder>(params);
        if (!reply && ends_adoption(session, reply.error())) co_return reply.error();
        folders.push_back(reply ? std::move(reply->folder) : failed_folder(name, reply.error()));
    }
    co_return folders;
}

/// Writes the manifests; each folder becomes what the daemon answered.
task<Result<void>> adopt_folders(Session& session, Client& client, Folders& folders,
                                 std::set<std::string> const& protect) {
    auto const adoptable =
        static_cast<std::size_t>(std::ranges::count(folders, "adoptable", &rpc::AdoptionInfo::state));
    FolderCounter counter(session.console, "Adopting", adoptable);
    for (auto& folder : folders) {
        if (folder.state != "adoptable") continue;
        counter.next(folder.name);
        rpc::AdoptFolder::Params params;
        params.folder = folder.name;
        params.is_protected = protect.contains(folder.name);
        Result<rpc::AdoptFolder::Reply> reply = co_await client.call<rpc::AdoptFolder>(params);
        if (!reply && ends_adoption(session, reply.error())) co_return reply.error();
        folder = reply ? std::move(reply->folder) : failed_folder(folder.name, reply.error());
    }
    co_return boost::system::in_place_value;
}

task<Result<rpc::PreviewAdoption::Reply>> preview_of(Client& client, std::vector<std::string> const& names) {
    // The size of calls is limited; without names the daemon takes all that were inspected.
    constexpr std::size_t most_names = 100;
    rpc::PreviewAdoption::Params params;
    if (names.size() <= most_names) params.folders = names;
    co_return co_await client.call<rpc::PreviewAdoption>(params);
}

int adoption_exit_code(Folders const& folders) {
    auto const has = [&](std::string_view state) {
        return std::ranges::count(folders, state, &rpc::AdoptionInfo::state) > 0;
    };
    if (has("not_found")) return exit_not_found;
    bool const good = std::ranges::all_of(
        folders, [](auto const& folder) { return folder.state == "adoptable" || folder.state == "adopted"; });
    return good ? exit_done : exit_failed;
}

void print_adoption_json(Session& session, Folders const& folders, rpc::PreviewAdoption::Reply const& preview,
                         bool dry_run) {
    json::Writer out(session.console.json_layout());
    out.begin_object().member("dry_run", dry_run);
    out.key("folders").begin_array();
    for (auto const& folder : folders) rpc::write(out, folder);
    out.end_array();
    out.key("preview");
    rpc::write(out, preview);
    out.end_object();
    session.console.out << out.take() << '\n';
}

task<int> run_adopt(Session& session, Arguments arguments) {
    bool const dry_run = arguments.has("dry-run");
    bool const protects = !arguments.has("no-protect");
    Result<std::unique_ptr<Client>> client = co_await Client::connect(session.options.socket);
    if (!client) co_return report(session, client.error());
    // Reading all tables of an image of many terabytes takes long on slow disks.
    (*client)->set_call_limit(std::chrono::hours{4});
    Result<std::vector<std::string>> names = co_await folder_names(**client, arguments.texts("NAME"));
    if (!names) co_return report(session, names.error());
    Result<Folders> folders = co_await inspect_folders(session, **client, *names);
    if (!folders) co_return report(session, folders.error());
    Result<rpc::PreviewAdoption::Reply> preview = co_await preview_of(**client, *names);
    if (!preview) co_return report(session, preview.error());

    std::set<std::string> protect;
    if (protects)
        for (auto const& gone : preview->deletions) protect.insert(gone.name);
    if (!dry_run) {
        Result<void> written = co_await adopt_folders(session, **client, *folders, protect);
        if (!written) co_return report(session, written.error());
    }
    if (session.options.json) {
        print_adoption_json(session, *folders, *preview, dry_run);
        co_return adoption_exit_code(*folders);
    }
    auto const options = session.console.render_options();
    session.console.out << adoption_page(*folders, options);
    if (folders->empty()) session.console.say("There is nothing to adopt: every backup has a manifest.");
    else
        session.console.out << '\n'
                            << sentences_page(preview_sentences(*folders, *preview, protects, options), options);
    session.console.out << std::flush;
    if (dry_run && !folders->empty())
        session.console.say("Nothing was changed. Run it without --dry-run to write the manifests.");
    co_return adoption_exit_code(*folders);
}

}  // namespace

CommandSpec adopt_command() {
    return {
        .word = "adopt",
        .summary = "adopt old folders",
        .arguments = {{.name = "NAME", .value = {ValueKind::backup}, .optional = true, .repeats = true}},
        .options = {{.name = "dry-run", .help = "change nothing, only show what would be done"},
                    {.name = "no-protect", .help = "protect nothing: the next clean-up applies retention"}},
        .details = R"(Adopts folders that another program, such as the predecessor, left in the
share: inspects each completely, writes a manifest into those that are
complete, and shows what retention will do with them. Deletes nothing, can be
repeated, and Ctrl-C stops it between two folders. Without NAME it adopts all
that it finds. Folders of exports that were not finished
(NAME.exporting-1a2b3c4d) are not among them.

Backups that MaxBackups and MaxAge would delete at the next clean-up are
protected ('unprotect' removes that). Folders that may still grow are skipped,
and broken ones are not changed; then the exit code is 1 (3 if there is no
folder of that name).)",
        .examples = {"scale-backupctl adopt --dry-run"},
        .run = run_adopt,
    };
}

}  // namespace sb::ctl
