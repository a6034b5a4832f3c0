#include "common/text/size_text.hpp"
#include "ctl/ask.hpp"
#include "ctl/export/backup_disks.hpp"
#include "ctl/export/disk_export.hpp"
#include "ctl/export/disk_folder.hpp"
#include "ctl/follow/progress.hpp"
#include "ctl/follow/progress_line.hpp"
#include "ctl/render/display_width.hpp"
#include "ctl/render/text.hpp"
#include "daemon/verify/qcow2.hpp"
#include "daemon/verify/qcow2_header.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <filesystem>
#include <optional>

namespace sb::ctl {
namespace {

namespace fs = std::filesystem;

/// One line that is drawn over on a terminal, else a line for each 10 %.
class ExportView {
public:
    ExportView(Console& console, std::string name) : console_(console), name_(escape_controls(name)) {}
    ~ExportView() { console_.err << lines_.erase() << std::flush; }
    ExportView(ExportView const&) = delete;
    ExportView& operator=(ExportView const&) = delete;

    void show(std::string const& doing, std::uint64_t done, std::uint64_t total) {
        auto const percent = total == 0 ? 100 : static_cast<int>(std::min<std::uint64_t>(100, done * 100 / total));
        auto const text = name_ + ": " + doing + " " + std::to_string(percent) + " %";
        auto const& terminal = console_.terminal;
        if (!terminal.err || !terminal.can_draw || !terminal.width) return print_line(text, doing, percent / 10);
        auto const now = console_.steady_now();
        if (drawn_ && now - *drawn_ < pause && percent < 100) return;
        drawn_ = now;
        throughput_.observe(now, done);
        auto const forecast = throughput_.forecast(now, total);
        auto line = text + "  " + size_text(done) + " of " + size_text(total);
        if (forecast.bytes_per_second) line += "  " + size_text(*forecast.bytes_per_second) + "/s";
        if (forecast.left) line += "  " + short_length_text(*forecast.left) + " left";
        auto const width = std::max<std::size_t>(2, terminal.width()) - 1;
        console_.err << lines_.redraw({cut_to_width(line, width)}) << std::flush;
    }

private:
    static constexpr Milliseconds pause{250};

    void print_line(std::string const& text, std::string const& doing, int tens) {
        if (doing == last_ && tens <= last_tens_) return;
        last_ = doing;
        last_tens_ = tens;
        console_.say(text);
    }

    Console& console_;
    std::string name_, last_;
    int last_tens_ = -1;
    std::optional<SteadyTime> drawn_;
    Throughput throughput_;
    LiveLines lines_;
};

/// What is exported where; the folders stay open, and everything in them is found by these handles.
struct ExportPlan {
    DiskFolder backup;
    std::string image;                    ///< in `backup`
    std::optional<DiskFolder> elsewhere;  ///< of the new file, if it is not beside the image
    std::string file;

    DiskFolder const& target() const { return elsewhere ? *elsewhere : backup; }
    std::string target_path() const { return target().path_of(file); }
};

/// Without a slash at its end, and whole, so that its last step is a name.
fs::path whole_path(std::string const& path) {
    auto const whole = fs::absolute(path).lexically_normal();
    return whole.has_filename() ? whole : whole.parent_path();
}

/// The folder of a backup that the daemon lists under this name.
task<Result<fs::path>> folder_of_backup(Session& session, std::string name) {
    Result<std::unique_ptr<Client>> client = co_await Client::connect(session.options.socket);
    if (!client) co_return client.error();
    rpc::Status::Params of_daemon;
    Result<rpc::Status::Reply> status = co_await (*client)->call<rpc::Status>(of_daemon);
    if (!status) co_return status.error();
    rpc::ListBackups::Params of_all;
    Result<rpc::ListBackups::Reply> listed = co_await (*client)->call<rpc::ListBackups>(of_all);
    if (!listed) co_return listed.error();
    for (auto const& backup : listed->backups)
        if (backup.name == name) co_return fs::path(status->storage.path) / backup.folder;
    std::string const problem = "there is no backup " + in_quotes(name);
    co_return Error{Errc::not_found,
                    problem + "; 'scale-backupctl show-backups' lists them. A folder has a '/' in it."};
}

Result<ExportPlan> plan_in(fs::path const& folder, Arguments const& arguments, std::string const& extension) {
    auto backup = DiskFolder::open(folder, DiskFolder::LastStep::must_be_real);
    if (!backup) return backup.error();
    auto const name = folder.filename().string();
    if (is_landing_folder(name))
        return Error{Errc::incomplete_backup, "the export into '" + folder.string() + "' is not finished"};
    auto const manifest = backup->read(manifest_name, max_manifest_bytes);
    if (!manifest && manifest.error().code == Errc::not_found)
        return Error{Errc::incomplete_backup,
                     "'" + folder.string() + "' is not a complete backup: it has no " + manifest_name};
    if (!manifest) return manifest.error();
    auto const images = images_of_manifest(*manifest);
    if (!images) return while_doing(images.error(), "'" + folder.string() + "'");
    auto image = image_of_disk(*images, arguments.text("DISK"));
    if (!image) return image.error();
    ExportPlan made{std::move(*backup), std::move(*image), std::nullopt, {}};
    if (!arguments.has("FILE")) {
        made.file = fs::path(made.image).stem().string() + extension;
        return made;
    }
    auto const file = fs::path(arguments.text("FILE"));
    auto const parent = file.has_parent_path() ? file.parent_path() : fs::path(".");
    auto target = DiskFolder::open(parent, DiskFolder::LastStep::may_be_link);
    if (!target) return target.error();
    made.elsewhere = std::move(*target);
    made.file = file.filename().string();
    return made;
}

DiskFormat format_of(Arguments const& arguments) {
    auto const format = arguments.text("format");
    if (format == "raw") return DiskFormat::raw;
    return format == "vhdx" ? DiskFormat::fixed_vhdx : DiskFormat::dynamic_vhdx;
}

/// Octal digits, permissions and nothing else.
std::optional<unsigned> permissions_of(std::string const& text) {
    constexpr unsigned most = 0777;
    unsigned value = 0;
    if (text.empty() || text.size() > 4) return std::nullopt;
    for (char const digit : text) {
        if (digit < '0' || digit > '7') return std::nullopt;
        value = value * 8 + static_cast<unsigned>(digit - '0');
    }
    return value <= most ? std::optional(value) : std::nullopt;
}

struct Image {
    std::unique_ptr<OpenImage> file;
    verify::Qcow2Summary about;
    std::uint64_t needed_bytes = 0;  ///< of the new file, at most
};

/// Opens the image and checks its tables, so that what contradicts itself is not exported as if it were good.
Result<Image> checked_image(ExportPlan const& plan) {
    auto const path = plan.backup.path_of(plan.image);
    auto file = plan.backup.open_file(plan.image);
    if (!file) return file.error();
    auto const about = verify::check_qcow2(**file);
    if (!about) return while_doing(about.error(), "'" + path + "'");
    auto const header = verify::read_qcow2_header(**file);
    if (!header) return while_doing(header.error(), "'" + path + "'");
    bool const has_snapshots = header->snapshots > 0;
    auto const needed = space_needed(*about, has_snapshots, (*file)->allocated_bytes());
    return Image{std::move(*file), *about, needed};
}

Result<void> check_space(ExportPlan const& plan, Image const& image) {
    auto const free = plan.target().free_bytes();
    if (!free) return free.error();
    if (*free >= image.needed_bytes) return {};
    return Error{Errc::no_space, "not enough space for '" + plan.target_path() + "': it needs up to " +
                                     size_text(image.needed_bytes) + ", and " + size_text(*free) + " are free"};
}

/// Copies, and compares if that was asked for. The event loop runs between the steps, so Ctrl-C ends it.
task<Result<void>> copied(Session& session, DiskExport& work, std::string name, bool compare) {
    asio::any_io_executor executor = co_await asio::this_coro::executor;
    ExportView view(session.console, std::move(name));
    bool comparing = false;
    auto const total = compare ? 2 * work.data_bytes() : work.data_bytes();
    for (;;) {
        Result<bool> const step = comparing ? work.compare_step() : work.copy_step();
        if (!step) co_return step.error();
        view.show(comparing ? "comparing" : "exporting", work.done_bytes(), total);
        if (*step && (comparing || !compare)) co_return Result<void>{};
        comparing = comparing || *step;
        co_await asio::post(executor, asio::use_awaitable);
        if (session.interrupted) co_return Error{Errc::cancelled, "interrupted"};
    }
}

void print_done(Session& session, ExportPlan const& plan, verify::Qcow2Summary const& about,
                Arguments const& arguments) {
    auto const path = plan.target_path();
    if (session.options.json) {
        json::Writer out(session.console.json_layout());
        out.begin_object().member("file", std::string_view(path)).member("image", std::string_view(plan.image));
        out.member("format", std::string_view(arguments.text("format"))).member("disk_bytes", about.virtual_bytes);
        session.console.out << out.end_object().take() << '\n';
        return;
    }
    session.console.out << in_quotes(path) << " was created: the disk " << in_quotes(plan.image) << ", "
                        << size_text(about.virtual_bytes) << ".\n";
}

task<Result<void>> export_one(Session& session, ExportPlan const& plan, Arguments const& arguments) {
    // First: a name that is taken is known before the check, which reads all tables.
    auto file = plan.target().create(plan.file);
    if (!file) co_return file.error();
    auto image = checked_image(plan);
    if (!image) co_return image.error();
    if (auto const room = check_space(plan, *image); !room) co_return room.error();
    auto disk = verify::GuestDisk::open(*image->file);
    if (!disk) co_return while_doing(disk.error(), "'" + plan.backup.path_of(plan.image) + "'");
    auto writer = make_disk_writer(format_of(arguments), disk->size(), **file);
    if (!writer) co_return writer.error();
    DiskExport copy(*disk, **writer, **file, image->about.data_clusters * image->about.cluster_bytes);
    Result<void> done = co_await copied(session, copy, plan.file, arguments.has("compare"));
    // First: it may be why the copy failed.
    if (auto const same = image->file->check_unchanged(); !same) co_return same.error();
    if (!done) co_return while_doing(done.error(), "exporting '" + plan.backup.path_of(plan.image) + "'");
    if (auto const mode = permissions_of(arguments.text("mode"))) {
        auto const shared = (*file)->share(*mode);
        if (!shared) co_return shared.error();
        if (!shared->empty()) session.console.say("scale-backupctl: " + escape_controls(*shared));
    }
    if (auto const named = (*file)->publish(); !named) co_return named.error();
    print_done(session, plan, image->about, arguments);
    co_return Result<void>{};
}

task<int> run_export_disk(Session& session, Arguments arguments) {
    auto const given = arguments.text("BACKUP");
    Result<fs::path> folder = whole_path(given);
    if (given.find('/') == given.npos) folder = co_await folder_of_backup(session, given);
    if (!folder) co_return report(session, folder.error());
    auto const plan = plan_in(*folder, arguments, format_of(arguments) == DiskFormat::raw ? ".raw" : ".vhdx");
    if (!plan) co_return report(session, plan.error());
    Result<void> done = co_await export_one(session, *plan, arguments);
    if (!done) co_return report(session, done.error());
    co_return exit_done;
}

Result<void> check_export_disk(Arguments const& arguments) {
    if (arguments.has("FILE") == arguments.has("beside-image"))
        return usage_error("give either FILE or --beside-image", &arguments.command());
    if (arguments.has("FILE") && fs::path(arguments.text("FILE")).filename().empty())
        return usage_error("FILE is a folder: name a file in it", &arguments.command());
    if (arguments.has("mode") && !permissions_of(arguments.text("mode")))
        return usage_error("--mode takes permissions in octal, as 0660", &arguments.command());
    return {};
}

}  // namespace

CommandSpec export_disk_command() {
    return {
        .word = "export-disk",
        .summary = "a disk as VHDX or raw",
        .arguments = {{.name = "BACKUP",
                       .value = {ValueKind::backup},
                       .help = "its name, or the path of its folder, with a '/' in it: then\n"
                               "no daemon is needed"},
                      {.name = "DISK", .help = "its number, from 1 on, or the uuid or name of its image"},
                      {.name = "FILE", .value = {ValueKind::file}, .help = "the new file", .optional = true}},
        .options = {{.name = "format",
                     .value_name = "FORMAT",
                     .value = {ValueKind::choice,
                               {{"vhdx", "for Hyper-V and Windows, of fixed size"},
                                {"vhdx-dynamic", "without the blocks that are empty"},
                                {"raw", "the disk, byte for byte"}}},
                     .default_value = "vhdx",
                     .help = "of the new file"},
                    {.name = "compare", .help = "read both again and compare them in the end"},
                    {.name = "beside-image", .help = "instead of FILE: DISK.vhdx or DISK.raw, beside the image"},
                    {.name = "mode",
                     .value_name = "MODE",
                     .help = "octal permissions of FILE, which also gets the group of its\n"
                             "folder (else only you can read it)"}},
        .details = R"(Writes a VM's disk, as its guest saw it, into a new file, with your rights.
Zeros become holes. FILE must not exist; it is called '.FILE.partial' until it
is complete. The image is checked first: one that is damaged, is encrypted or
refers to another file is refused. Ctrl-C removes the partial file.)",
        .examples = {"scale-backupctl export-disk 'before the update' 1 file01.vhdx"},
        .check = check_export_disk,
        .run = run_export_disk,
    };
}

}  // namespace sb::ctl
