#include "ctl/output_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

namespace sb::ctl {
namespace {

namespace fs = std::filesystem;

constexpr int no_descriptor = -1;

std::error_code last_error() { return {errno, std::generic_category()}; }

/// No call is repeated after EINTR: the signals that are caught ask to stop, for example while a pipe has no reader.
std::error_code write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        auto const count = ::write(descriptor, text.data(), text.size());
        if (count < 0) return last_error();
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

/// Readers are other users, such as the one of node_exporter, whatever the umask of the person or of cron.
constexpr mode_t readable_by_all = 0644;

/// Opens, writes and closes. Some file systems report a full disk only when the file is closed.
std::error_code write_to(fs::path const& file, int flags, std::string_view text) {
    int const descriptor = ::open(file.c_str(), flags | O_WRONLY | O_CLOEXEC | O_NOCTTY, readable_by_all);
    if (descriptor < 0) return last_error();
    bool const is_new = (flags & O_EXCL) != 0;
    auto problem = write_all(descriptor, text);
    if (!problem && is_new && ::fchmod(descriptor, readable_by_all) != 0) problem = last_error();
    bool const closed = ::close(descriptor) == 0;
    return problem || closed ? problem : last_error();
}

/// stdout or stderr, if that is this file: it is written into where it stands, as a shell's `>>` expects, and
/// /dev/stdout works even where it cannot be opened again (a socket).
int own_output(struct stat const& file) {
    for (int const descriptor : {STDOUT_FILENO, STDERR_FILENO}) {
        struct stat own {};
        if (::fstat(descriptor, &own) == 0 && own.st_dev == file.st_dev && own.st_ino == file.st_ino) return descriptor;
    }
    return no_descriptor;
}

/// Where the last link of a chain points to, whether that exists or not.
fs::path behind_links(fs::path file) {
    constexpr int most_links = 40;  // Linux allows as many
    std::error_code problem;
    for (int i = 0; i < most_links && fs::is_symlink(file, problem); ++i)
        file = file.parent_path() / fs::read_symlink(file, problem);
    return file;
}

std::error_code replace_file(fs::path const& file, std::string_view text) {
    // A name that no other call uses. O_EXCL: in a folder that others can write to it may be a link to anything.
    auto const part = fs::path(file.string() + '.' + std::to_string(::getpid()) + ".part");
    ::unlink(part.c_str());
    auto problem = write_to(part, O_CREAT | O_EXCL, text);
    if (!problem && ::rename(part.c_str(), file.c_str()) != 0) problem = last_error();
    if (problem) ::unlink(part.c_str());
    return problem;
}

}  // namespace

Result<void> write_output_file(fs::path const& file, std::string_view text) {
    auto const failed = [&](std::string const& why) {
        return Error{Errc::io, "writing '" + file.string() + "': " + why};
    };
    struct stat found {};
    bool const exists = ::stat(file.c_str(), &found) == 0;
    if (!exists && errno != ENOENT) return failed(last_error().message());
    if (exists && S_ISDIR(found.st_mode)) return failed("it is a folder");
    if (exists && S_ISBLK(found.st_mode)) return failed("it is a disk");
    int const own = exists ? own_output(found) : no_descriptor;
    std::error_code problem;
    if (own != no_descriptor) problem = write_all(own, text);
    else if (exists && !S_ISREG(found.st_mode)) problem = write_to(file, 0, text);
    else problem = replace_file(behind_links(file), text);
    if (problem) return failed(problem.message());
    return {};
}

}  // namespace sb::ctl
