#include "simulator/transfer/outcome.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace sb::sim {
namespace {

std::string_view status_of(int error_number) {
    struct Row {
        int number;
        std::string_view status;
    };
    static constexpr std::array<Row, 16> rows{{
        {EACCES, "NT_STATUS_ACCESS_DENIED"},
        {EPERM, "NT_STATUS_ACCESS_DENIED"},
        {ENOENT, "NT_STATUS_OBJECT_NAME_NOT_FOUND"},
        {ENOTDIR, "NT_STATUS_NOT_A_DIRECTORY"},
        {EISDIR, "NT_STATUS_FILE_IS_A_DIRECTORY"},
        {EEXIST, "NT_STATUS_OBJECT_NAME_COLLISION"},
        {EINVAL, "NT_STATUS_OBJECT_NAME_INVALID"},
        {ENAMETOOLONG, "NT_STATUS_NAME_TOO_LONG"},
        {ENOSPC, "NT_STATUS_DISK_FULL"},
        {EDQUOT, "NT_STATUS_DISK_FULL"},
        {EROFS, "NT_STATUS_MEDIA_WRITE_PROTECTED"},
        {ECONNREFUSED, "NT_STATUS_CONNECTION_REFUSED"},
        {EHOSTUNREACH, "NT_STATUS_HOST_UNREACHABLE"},
        {ETIMEDOUT, "NT_STATUS_IO_TIMEOUT"},
        {ECONNRESET, "NT_STATUS_CONNECTION_RESET"},
        {ENETRESET, "NT_STATUS_CONNECTION_DISCONNECTED"},
    }};
    for (auto const& row : rows)
        if (row.number == error_number) return row.status;
    if (error_number == ECONNABORTED) return "NT_STATUS_CONNECTION_ABORTED";
    return "NT_STATUS_UNSUCCESSFUL";
}

}  // namespace

Failed refused_by_share(std::string what, std::string nt_status, int error_number) {
    std::string const reason = nt_status + " (" + std::strerror(error_number) + ")";
    return Failed{"Unable to %@: %@", {std::move(what), reason}, std::move(nt_status)};
}

Failed refused_by_share(std::string what, int error_number) {
    return refused_by_share(std::move(what), std::string(status_of(error_number)), error_number);
}

Failed failed_here(Error const& error) { return Failed{"%@", {error.context}, ""}; }

}  // namespace sb::sim
