#pragma once
// The vocabulary of methods.hpp as JSON and back. Each struct's fields are listed once (fields.hpp), so that
// writing and reading cannot drift apart. scale-backupctl --json prints with the same functions.
//
// Times are RFC 3339 with the local offset, an empty optional is null, sizes are bytes. In reading, unknown
// fields are ignored, so that an older program understands a newer one.

#include "common/error.hpp"
#include "common/json/document.hpp"
#include "common/json/writer.hpp"
#include "common/rpc/methods.hpp"

#include <string>
#include <vector>

namespace sb::rpc {

/// Writes the value as one JSON object. For VmInfo, DiskInfo, BackupInfo, VerifiedInfo, JobInfo, and the Params
/// and Reply of every method; others do not link.
template <class T>
void write(json::Writer& out, T const& value);

/// A list as one JSON array: what show-vms, show-backups and jobs print.
template <class T>
void write(json::Writer& out, std::vector<T> const& values) {
    out.begin_array();
    for (auto const& value : values) write(out, value);
    out.end_array();
}

/// The value as compact JSON.
template <class T>
std::string encode(T const& value) {
    json::Writer out;
    write(out, value);
    return out.take();
}

/// Reads the parameters of a call (nothing, and an empty array, stand for an object without members). A missing or
/// wrong field is Errc::invalid_params, with its path: "params.vm is missing".
template <class T>
Result<T> decode(json::View params);

/// Reads what a call returned, or a notification's parameters. Wrong ones are Errc::malformed: "result.job.id is
/// missing".
template <class T>
Result<T> decode_reply(json::View result);

}  // namespace sb::rpc
