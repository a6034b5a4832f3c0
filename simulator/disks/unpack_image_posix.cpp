#include "simulator/disks/unpack_image.hpp"

#include "simulator/transfer/folder.hpp"
#include "simulator/transfer/pace.hpp"
#include "simulator/transfer/qcow2_reader.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace sb::sim {
namespace {

namespace fs = std::filesystem;

Error failed(Failed const& why) { return {Errc::malformed, why.message}; }

/// A sink for the progress that the reader reports.
class NoProgress {
public:
    NoProgress() : fd_(::open("/dev/null", O_WRONLY | O_CLOEXEC)), reporter_(fd_), pace(reporter_, 0, no_faults_) {}
    NoProgress(NoProgress const&) = delete;
    NoProgress& operator=(NoProgress const&) = delete;
    ~NoProgress() { ::close(fd_); }

private:
    int fd_;
    Reporter reporter_;
    TransferFaults no_faults_;

public:
    Pace pace;
};

Result<void> unpack_qcow2(fs::path const& image, fs::path const& raw) {
    SmbUri uri;
    uri.folder = image.parent_path().filename();
    auto const folder = local_folder(uri, image.parent_path().parent_path());
    auto file = folder->open_file(image.filename());
    if (!file) return failed(file.error());
    NoProgress quiet;
    if (auto started = quiet.pace.begin(fs::file_size(image)); !started) return failed(started.error());
    if (auto read = read_qcow2(**file, image.filename(), raw, quiet.pace); !read) return failed(read.error());
    return {};
}

}  // namespace

Result<void> unpack_image(fs::path const& image, std::string const& format, fs::path const& raw) {
    if (format == "qcow2") return unpack_qcow2(image, raw);
    if (format != "img") return Error{Errc::invalid_params, "the content of " + format + " images is not supported"};
    std::error_code error;
    fs::rename(image, raw, error);
    if (error) return Error{Errc::io, "move " + image.string() + ": " + error.message()};
    return {};
}

}  // namespace sb::sim
