#pragma once
// The cluster's JSON and our values, both ways. Pure. Shapes: the vendor's OpenAPI document 1.1.0.
// Reading is lenient: unexpected fields are ignored, records without an identity are skipped and reported.

#include "common/error.hpp"
#include "daemon/core/vm.hpp"
#include "daemon/hypercore/scrub.hpp"
#include "daemon/ports/cluster.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace sb::hypercore {

struct VmList {
    ports::Vms vms;
    std::vector<std::string> warnings;  ///< what was skipped and why, for the log
};

// Errors are `malformed` and name the place: "[3].uuid is missing".
Result<VmList> decode_vms(std::string_view body, Scrubber const& scrub);

/// The reply to GET /TaskTag/{tag}. `[]` is the state `absent`.
Result<core::TaskReport> decode_task(std::string_view body, TaskTag const& asked, Scrubber const& scrub);
Result<std::vector<core::TaskReport>> decode_tasks(std::string_view body, Scrubber const& scrub);

/// The Result object. A missing or empty taskTag is an error: such a task could not be followed.
Result<ports::OrderAccepted> decode_order(std::string_view body);

/// Bodies of POST /VirDomain/{uuid}/export and /VirDomain/import. They contain the SMB password.
Secret encode_export(ports::ExportOrder const& order, Secret const& path_uri);
Secret encode_import(ports::ImportOrder const& order, Secret const& path_uri);

/// "Delete %@ of %@" with its parameters inserted, in order; a %@ without a parameter stays.
std::string put_in(std::string_view format, std::vector<std::string> const& parameters);
/// "a, b" -> {"a", "b"}: spaces around a tag and empty tags are dropped.
std::vector<std::string> split_tags(std::string_view text);

}  // namespace sb::hypercore
