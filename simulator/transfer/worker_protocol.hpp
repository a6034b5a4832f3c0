#pragma once
// The protocol between hypercore-sim and its transfer worker. `hypercore-sim --transfer-worker` reads one spec (one
// line of JSON, or up to end of file) from stdin and writes one JSON object per line to stdout: Progress with percent 0
// as soon as the share has responded and the folder exists, more Progress, and finally exactly one Done or Failed. One
// process for each transfer, because libsmbclient is not thread-safe.

#include "common/error.hpp"
#include "simulator/transfer/definition.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sb::sim {

/// The folder of the transfer, the same for both directions.
struct TransferPlace {
    std::string path_uri;         ///< raw, as in the request: smb://[domain;]user:password@host[:port]/share/…/folder
    std::string mapped_root;      ///< not empty: this local folder replaces the share, SMB is not used
    std::string definition_file;  ///< empty: "<last component>.xml"
    int smb_timeout_ms = 20000;   ///< time limit of one SMB request
};

/// Injected faults. Percentages refer to the whole transfer, disk numbers index the list of disks.
struct TransferFaults {
    std::optional<int> fail_at_percent;  ///< fail with `fail_message`, keep the written files
    std::string fail_message;
    std::optional<int> freeze_at_percent;  ///< stop until killed, or until the reader of stdout is gone
    // for exports: the task is COMPLETE, but the folder is wrong
    std::optional<int> truncate_disk;       ///< this disk's file is truncated to half of its length
    std::optional<int> skip_disk;           ///< this disk's file is not written
    bool skip_definition = false;           ///< no XML
    bool garbage_definition = false;        ///< an XML file that is not XML
    std::optional<int> wrong_virtual_size;  ///< this disk's header has another size than the disk
};

struct ExportDisk {
    std::string raw_file;   ///< the local guest disk: a sparse raw file of `capacity` bytes (if shorter, zeros follow)
    std::string file_name;  ///< in the folder: "<disk uuid>.qcow2"
    std::uint64_t capacity = 0;  ///< bytes
};

struct ExportSpec {
    TransferPlace place;
    VmDefinition definition;
    std::vector<ExportDisk> disks;
    bool compress = false;          ///< zlib-compressed clusters
    std::string compat;             ///< "0.10" = qcow2 v2; "" or "1.1" = v3
    std::uint32_t duration_ms = 0;  ///< duration of the transfer; 0 = as fast as possible
    TransferFaults faults;
};

struct ImportSpec {
    TransferPlace place;
    std::string target_dir;  ///< must exist; gets disk-0.raw, disk-1.raw, … (sparse)
    std::uint32_t duration_ms = 0;
    TransferFaults faults;
};

/// Only checks whether an export or import to this place could start (credentials, share, folder): Done or Failed.
/// For POST calls that wait for the share or fail immediately. Creates nothing.
struct ProbeSpec {
    TransferPlace place;
    bool folder_must_exist = false;  ///< true before an import; an export only needs the parent
};

using WorkerSpec = std::variant<ExportSpec, ImportSpec, ProbeSpec>;

struct Progress {
    int percent = 0;          ///< 0 to 100, never less than before
    std::uint64_t bytes = 0;  ///< guest data transferred so far
};

/// A file in the folder after an export, or a raw disk after an import.
struct TransferredFile {
    std::string name;            ///< name in the folder
    std::string raw_file;        ///< import: path of the written raw file, "" for the definition
    std::uint64_t bytes = 0;     ///< length of the file in the folder
    std::uint64_t capacity = 0;  ///< virtual size of a disk, 0 for the definition
};

struct Done {
    std::vector<TransferredFile> files;      ///< disks in the definition's order, then the definition (exports only)
    std::optional<VmDefinition> definition;  ///< import: the parsed XML
    std::uint64_t bytes = 0;                 ///< guest data transferred
    std::uint32_t elapsed_ms = 0;
};

/// The content of a cluster's formattedMessage and messageParameters: each `%@` is replaced by the next parameter.
struct Failed {
    std::string message;
    std::vector<std::string> parameters;
    std::string nt_status;  ///< "NT_STATUS_LOGON_FAILURE", "" if the reason is not an SMB error
};

using WorkerMessage = std::variant<Progress, Done, Failed>;

/// One line of JSON without the line feed.
std::string to_json(WorkerSpec const& spec);
std::string to_json(WorkerMessage const& message);
Result<WorkerSpec> parse_spec(std::string_view line);
Result<WorkerMessage> parse_message(std::string_view line);

/// Runs a worker: reads the spec from `in_fd`, works, reports to `out_fd`. Returns the exit code of the process: 0 =
/// Done was written, 1 = Failed was written, 2 = the reader is gone. Ignores SIGPIPE.
int run_transfer_worker(int in_fd, int out_fd);

}  // namespace sb::sim
