#pragma once
// The cluster's JSON and our values, both ways. Pure. Shapes: the vendor's OpenAPI document 1.1.0.
// Reading is lenient: unexpected fields are ignored, records without an identity are skipped and reported.

#include "common/error.hpp"
#include "daemon/core/vm.hpp"
#include "common/text/scrub.hpp"
#include "daemon/ports/cluster.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sb::hypercore {

// What a cluster may list, far above what a HyperCore cluster can have.
inline constexpr std::size_t max_vms = 20'000;
inline constexpr std::size_t max_disks_of_vm = 256, max_disks = 100'000;
inline constexpr std::size_t max_tags_of_vm = 1000;
inline constexpr std::size_t max_tasks = 50'000;

struct VmList {
    static constexpr std::size_t max_warnings = 10;

    ports::Vms vms;
    std::vector<std::string> warnings;  ///< the first oddities: what was skipped and why, each on one line, for the log
    std::size_t oddities = 0;           ///< how many there were
};

/// A VM beyond a limit is skipped whole and makes the list incomplete: without some of its disks, its backups would
/// look complete. Names, descriptions, tags and texts of tasks are without our secrets and of a limited length.
/// Errors are `malformed` and name the place: "[3].uuid is missing".
Result<VmList> decode_vms(std::string_view body, Scrubber const& scrub);

/// The reply to GET /TaskTag/{tag}. `[]` is the state `absent`.
Result<core::TaskReport> decode_task(std::string_view body, TaskTag const& asked, Scrubber const& scrub);
/// `malformed` if there are more than `max_tasks`: who searches a task in a part of the list would miss it.
Result<std::vector<core::TaskReport>> decode_tasks(std::string_view body, Scrubber const& scrub);

/// The Result object. A missing, empty or endless taskTag is an error: such a task could not be followed.
Result<ports::OrderAccepted> decode_order(std::string_view body);

/// Bodies of POST /VirDomain/{uuid}/export and /VirDomain/import. They contain the SMB password.
Secret encode_export(ports::ExportOrder const& order, Secret const& path_uri);
Secret encode_import(ports::ImportOrder const& order, Secret const& path_uri);

/// "Delete %@ of %@" with its parameters inserted, in order; a %@ without a parameter stays.
std::string put_in(std::string_view format, std::vector<std::string> const& parameters);
/// "a, b" -> {"a", "b"}: spaces around a tag and empty tags are dropped.
std::vector<std::string> split_tags(std::string_view text);

}  // namespace sb::hypercore
