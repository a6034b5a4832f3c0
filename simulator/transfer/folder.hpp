#pragma once
// The folder of an export: on an SMB share or, if mapped, on the local disk. Files are accessed by offset.
// Single-threaded; an SMB folder must be the only one in its process.

#include "simulator/transfer/outcome.hpp"
#include "simulator/transfer/smb_uri.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace sb::sim {

class FolderFile {
public:
    virtual ~FolderFile() = default;
    virtual Outcome<std::uint64_t> size() = 0;
    /// Fills the whole span; bytes past the end read as zeros.
    virtual Outcome<void> read(std::uint64_t offset, std::span<std::byte> into) = 0;
    virtual Outcome<void> write(std::uint64_t offset, std::span<std::byte const> bytes) = 0;
    virtual Outcome<void> set_size(std::uint64_t size) = 0;
    /// Must be called after writing: a server may report a full disk only now.
    virtual Outcome<void> close() = 0;
};

class Folder {
public:
    virtual ~Folder() = default;
    /// Fails unless the folder's parent exists.
    virtual Outcome<void> require_parent() = 0;
    virtual Outcome<void> require_folder() = 0;
    /// Creates only the last component; an existing folder is used as it is.
    virtual Outcome<void> create() = 0;
    /// Creates the file or truncates an existing one.
    virtual Outcome<std::unique_ptr<FolderFile>> create_file(std::string const& name) = 0;
    virtual Outcome<std::unique_ptr<FolderFile>> open_file(std::string const& name) = 0;
};

/// Connects and enters the share.
Outcome<std::unique_ptr<Folder>> connect_smb_folder(SmbUri const& uri, int timeout_ms);
/// `root` replaces the share; host, user and share of the URI are ignored.
std::unique_ptr<Folder> local_folder(SmbUri const& uri, std::string const& root);
/// One of the two, depending on `place`; fails if the pathURI is invalid.
Outcome<std::unique_ptr<Folder>> reach_folder(TransferPlace const& place, SmbUri const& uri);

}  // namespace sb::sim
