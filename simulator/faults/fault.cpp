#include "simulator/faults/fault.hpp"

#include <algorithm>
#include <array>

namespace sb::sim {
namespace {

struct Kind {
    std::string_view name;
    FaultStage stage;
};

constexpr std::array<Kind, 71> kinds{{
    {"tls_abort", FaultStage::connection},      // the connection is dropped during the handshake
    {"connect_hang", FaultStage::connection},   // accepted, then silence, no TLS handshake
    {"connect_close", FaultStage::connection},  // accepted and closed
    {"delay", FaultStage::request},             // waits `seconds` before it processes the call
    {"delay_answer", FaultStage::request},      // executes the call, responds `seconds` later
    {"status", FaultStage::request},            // status, body, content_type: the call is not executed
    {"overload", FaultStage::request},          // too many requests: 400, 429 or 503, perhaps with Retry-After
    {"forbidden", FaultStage::request},         // 403, as if the user lacked the permission for the call
    {"plain_400", FaultStage::request},         // the request validator's plain text
    {"html_502", FaultStage::request},          // the front web server while the API restarts
    {"hang", FaultStage::request},              // accepted, not executed, no response
    {"hang_after", FaultStage::request},        // executed, no response
    {"close", FaultStage::request},             // not executed, connection closed
    {"reset", FaultStage::request},             // not executed, connection reset
    {"lose_answer", FaultStage::request},       // executed, connection closed without a response
    {"drip", FaultStage::request},              // the response comes at `bytes` per second
    {"oversize", FaultStage::request},          // the response is padded to `bytes`
    {"garbage", FaultStage::request},           // bytes that are not JSON
    {"truncated_json", FaultStage::request},    // half of the JSON, framed as if it were complete
    {"cut_body", FaultStage::request},          // half of the body, then the connection ends
    {"wrong_types", FaultStage::request},       // numbers become text, and text becomes numbers
    {"not_an_array", FaultStage::request},      // only the first element of the array
    {"empty_list", FaultStage::request},        // []: an expired tag, a deleted VM
    {"redirect", FaultStage::request},          // 302 to `text`
    {"expire_sessions", FaultStage::request},   // all sessions end before the call is processed
    {"duplicate", FaultStage::request},         // the first element of the list twice
    {"task_state", FaultStage::request},        // the task has the state `text`
    {"task_frozen", FaultStage::request},       // the task never gets past `percent`
    {"task_backwards", FaultStage::request},    // each response shows less progress than the last
    {"json_error", FaultStage::request},        // 500 {"error"}
    {"outage", FaultStage::request},            // not executed; the node goes through the stages in `text`
    {"outage_after", FaultStage::request},      // executed, then the same
    {"new_certificate", FaultStage::request},   // not executed; the node shows another certificate for `seconds`
    {"status_after", FaultStage::request},      // like `status`, but the call is executed
    {"empty_body", FaultStage::request},
    {"long_length", FaultStage::request},   // Content-Length is larger than the body, the connection stays open
    {"short_length", FaultStage::request},  // Content-Length is half of the body
    {"reset_body", FaultStage::request},    // half of the body, then a TCP reset
    {"http10", FaultStage::request},        // HTTP/1.0, no length, the end of the connection ends the body
    {"bad_chunks", FaultStage::request},    // chunked, but the length of a chunk is not a number
    {"gzip", FaultStage::request},          // Content-Encoding that the client did not request
    {"bad_utf8", FaultStage::request},      // every name and description contains bytes that are not UTF-8
    {"deep", FaultStage::request},          // 200,000 nested arrays
    {"negative_numbers", FaultStage::request},
    {"huge_numbers", FaultStage::request},
    {"duplicate_keys", FaultStage::request},   // the members of each object appear twice
    {"nulls", FaultStage::request},            // every text and number is null
    {"member_missing", FaultStage::request},   // no object has the member `text`
    {"date_skew", FaultStage::request},        // the Date header is `seconds` off, the JSON is not
    {"date_missing", FaultStage::request},     // no Date header
    {"date_invalid", FaultStage::request},     // the Date header is `text`
    {"skew", FaultStage::request},             // all timestamps are `seconds` off, the Date header too
    {"order_tag", FaultStage::request},        // the response names the task `text`
    {"task_of_other", FaultStage::request},    // tasks belong to another object
    {"drop_last_tasks", FaultStage::request},  // VMs do not show their last tasks
    {"upload_refused", FaultStage::upload},    // after `bytes` of the body: `status` and `body`
    {"upload_cut", FaultStage::upload},        // after `bytes` of the body the connection is reset
    {"upload_slow", FaultStage::upload},       // the body is read at `bytes` per second
    {"task_queued", FaultStage::task},         // the task stays QUEUED until a control call releases it
    {"task_error", FaultStage::task},          // ERROR with `text` and `parameters` at `percent`
    {"folder_elsewhere", FaultStage::task},    // COMPLETE, but the folder has another name
    {"another_vm", FaultStage::task},          // COMPLETE, but another VM was exported
    {"worker_frozen", FaultStage::task},       // the transfer really stops at `percent`
    {"disk_truncated", FaultStage::task},      // COMPLETE, but a disk is truncated to half
    {"disk_missing", FaultStage::task},        // COMPLETE, but a disk is missing
    {"disk_wrong_size", FaultStage::task},     // COMPLETE, but the header has another size
    {"xml_missing", FaultStage::task},
    {"xml_garbage", FaultStage::task},
    {"vm_renamed", FaultStage::task},     // to `text`, at `percent`
    {"vm_deleted", FaultStage::task},     // at `percent`
    {"worker_killed", FaultStage::task},  // the worker process dies at `percent`
}};

Result<Fault> read_fault(json::View from) {
    Fault fault;
    fault.kind = from["kind"].text();
    auto const named = [&fault](Kind const& kind) { return kind.name == fault.kind; };
    auto const kind = std::find_if(kinds.begin(), kinds.end(), named);
    if (kind == kinds.end()) return Error{Errc::invalid_params, "no such fault kind: \"" + fault.kind + "\""};
    fault.stage = kind->stage;
    auto const match = from["match"];
    fault.id = from["id"].text();
    fault.match.method = match["method"].text();
    fault.match.path = match["path"].text();
    fault.match.call = match["call"].text();
    fault.match.vm = match["vm"].text();
    fault.match.node = static_cast<int>(match["node"].integer().value_or(0));
    fault.match.after = match["after"].unsigned_integer().value_or(0);
    fault.match.nth = match["nth"].unsigned_integer().value_or(0);
    fault.match.count = match["count"].unsigned_integer().value_or(0);
    try {
        fault.path = std::regex(fault.match.path);
    } catch (std::regex_error const& error) {
        return Error{Errc::invalid_params, "path \"" + fault.match.path + "\": " + error.what()};
    }
    fault.status = static_cast<int>(from["status"].integer().value_or(0));
    fault.body = from["body"].is_object() ? from["body"].dump() : from["body"].text();
    fault.content_type = from["content_type"].text();
    fault.seconds = from["seconds"].number().value_or(0);
    fault.percent = static_cast<int>(from["percent"].integer().value_or(0));
    fault.text = from["text"].text();
    for (auto const parameter : from["parameters"].elements()) fault.parameters.push_back(parameter.text());
    fault.disk = static_cast<int>(from["disk"].integer().value_or(0));
    fault.bytes = from["bytes"].integer().value_or(0);
    return fault;
}

bool matches(Fault const& fault, FaultContext const& context) {
    auto const& match = fault.match;
    if (!match.method.empty() && match.method != context.method) return false;
    if (!match.call.empty() && match.call != context.call) return false;
    if (match.node != 0 && match.node != context.node) return false;
    if (!match.vm.empty() && match.vm != context.vm_name && match.vm != context.vm_uuid) return false;
    return match.path.empty() || std::regex_search(context.path, fault.path);
}

}  // namespace

Result<std::vector<std::string>> FaultPlan::add(json::View faults) {
    std::vector<json::View> given{faults};
    if (faults.is_array()) given = faults.elements();
    std::vector<Fault> fresh;
    for (auto const from : given) {
        auto fault = read_fault(from);
        if (!fault) return fault.error();
        if (fault->id.empty()) fault->id = "f" + std::to_string(next_id_++);
        fresh.push_back(std::move(*fault));
    }
    std::vector<std::string> ids;
    for (auto& fault : fresh) {
        ids.push_back(fault.id);
        faults_.push_back(std::move(fault));
    }
    return ids;
}

bool FaultPlan::remove(std::string_view id) {
    return std::erase_if(faults_, [id](Fault const& fault) { return fault.id == id; }) > 0;
}

std::vector<Fault> FaultPlan::inject(FaultStage stage, FaultContext const& context) {
    std::vector<Fault> striking;
    for (auto& fault : faults_) {
        if (fault.stage != stage || !matches(fault, context)) continue;
        ++fault.seen;
        if (fault.seen <= fault.match.after) continue;
        if (fault.match.nth != 0 && fault.seen != fault.match.nth) continue;
        if (fault.match.count != 0 && fault.injected >= fault.match.count) continue;
        ++fault.injected;
        striking.push_back(fault);
    }
    return striking;
}

void FaultPlan::write(json::Writer& out) const {
    out.begin_array();
    for (auto const& fault : faults_) {
        out.begin_object().member("id", fault.id).member("kind", fault.kind);
        out.member("seen", fault.seen).member("injected", fault.injected).end_object();
    }
    out.end_array();
}

}  // namespace sb::sim
