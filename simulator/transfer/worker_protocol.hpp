#pragma once
// What hypercore-sim and its transfer worker say to each other. `hypercore-sim --transfer-worker` reads one
// spec (one line of JSON, or up to end of file) from stdin and writes one JSON object a line to stdout:
// Progress with percent 0 as soon as the share has answered and the folder stands, more Progress, and last
// exactly one Done or Failed. One process a transfer, because libsmbclient is not thread safe.

#include "common/error.hpp"
#include "simulator/transfer/definition.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sb::sim {

/// Where a folder of the transfer is, the same for both directions.
struct TransferPlace {
    std::string path_uri;         ///< raw, as in the request: smb://[domain;]user:password@host[:port]/share/…/folder
    std::string mapped_root;      ///< not empty: this local folder stands for the share, SMB is not spoken
    std::string definition_file;  ///< empty: "<last component>.xml"
    int smb_timeout_ms = 20000;   ///< how long one SMB request may take
};

/// Things that go wrong on demand. Percent is of the whole transfer, disk numbers index the list of disks.
struct TransferFaults {
    std::optional<int> fail_at_percent;  ///< end with `fail_message`, leave what is there as it is
    std::string fail_message;
    std::optional<int> freeze_at_percent;  ///< stand still until killed, or until nobody reads stdout any more
    // for exports: the task says COMPLETE, the folder is wrong
    std::optional<int> truncate_disk;       ///< this disk's file is cut to half of its length
    std::optional<int> skip_disk;           ///< this disk's file is not written
    bool skip_definition = false;           ///< no XML
    bool garbage_definition = false;        ///< an XML file that is no XML
    std::optional<int> wrong_virtual_size;  ///< this disk's header names another size than the disk has
};

struct ExportDisk {
    std::string raw_file;        ///< the guest disk here: sparse raw file, `capacity` long (shorter: zeros follow)
    std::string file_name;       ///< in the folder: "<disk uuid>.qcow2"
    std::uint64_t capacity = 0;  ///< bytes
};

struct ExportSpec {
    TransferPlace place;
    VmDefinition definition;
    std::vector<ExportDisk> disks;
    bool compress = false;          ///< zlib-compressed clusters
    std::string compat;             ///< "0.10" = qcow2 v2; "" or "1.1" = v3
    std::uint32_t duration_ms = 0;  ///< the transfer ends this long after its start; 0 = as fast as possible
    TransferFaults faults;
};

struct ImportSpec {
    TransferPlace place;
    std::string target_dir;  ///< exists already; gets disk-0.raw, disk-1.raw, … (sparse)
    std::uint32_t duration_ms = 0;
    TransferFaults faults;
};

/// Only asks whether an export or import to this place could begin (credentials, share, folder): Done or Failed.
/// For the POST that answers late or fails at once. Nothing is created.
struct ProbeSpec {
    TransferPlace place;
    bool folder_must_exist = false;  ///< true before an import; an export only needs the parent
};

using WorkerSpec = std::variant<ExportSpec, ImportSpec, ProbeSpec>;

struct Progress {
    int percent = 0;          ///< 0 to 100, never less than before
    std::uint64_t bytes = 0;  ///< guest data moved so far
};

/// A file in the folder after an export, or a raw disk after an import.
struct TransferredFile {
    std::string name;            ///< name in the folder
    std::string raw_file;        ///< import: path of the raw file that was written, "" for the definition
    std::uint64_t bytes = 0;     ///< length of the file in the folder
    std::uint64_t capacity = 0;  ///< virtual size of a disk, 0 for the definition
};

struct Done {
    std::vector<TransferredFile> files;      ///< disks in the definition's order; an export adds the definition last
    std::optional<VmDefinition> definition;  ///< import: what the XML says
    std::uint64_t bytes = 0;                 ///< guest data moved
    std::uint32_t elapsed_ms = 0;
};

/// What a cluster would put into formattedMessage and messageParameters: `%@` takes the parameters in order.
struct Failed {
    std::string message;
    std::vector<std::string> parameters;
    std::string nt_status;  ///< "NT_STATUS_LOGON_FAILURE", "" when the reason is not SMB's
};

using WorkerMessage = std::variant<Progress, Done, Failed>;

/// One line of JSON without the line feed.
std::string to_json(WorkerSpec const& spec);
std::string to_json(WorkerMessage const& message);
Result<WorkerSpec> parse_spec(std::string_view line);
Result<WorkerMessage> parse_message(std::string_view line);

/// The worker's whole life: reads the spec from `in_fd`, works, reports to `out_fd`. Returns the exit code of
/// the process: 0 = Done was written, 1 = Failed was written, 2 = nobody listens any more. Ignores SIGPIPE.
int run_transfer_worker(int in_fd, int out_fd);

}  // namespace sb::sim
