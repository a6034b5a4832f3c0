#pragma once
// Faults that a test injects: a fault defines when (match) and what (kind). simulator/README.md lists them all.

#include "common/error.hpp"
#include "common/json/document.hpp"
#include "common/json/writer.hpp"

#include <cstdint>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace sb::sim {

/// The stage of a call at which a fault applies.
enum class FaultStage { connection, request, task, upload };

struct FaultMatch {
    std::string method;       ///< "" = any
    std::string path;         ///< regular expression, searched in the path without the query; "" = any
    std::string call;         ///< the name of the route, such as "export" or "task_get"; "" = any
    std::string vm;           ///< name or uuid of the VM of the call or its task; "" = any
    int node = 0;             ///< node that receives the call, from 1; 0 = any
    std::uint64_t after = 0;  ///< skips this many matches first
    std::uint64_t nth = 0;    ///< only this match, from 1; 0 = every match
    std::uint64_t count = 0;  ///< applies at most this often; 0 = unlimited
};

struct Fault {
    std::string id;
    std::string kind;
    FaultStage stage = FaultStage::request;
    FaultMatch match;
    std::regex path;
    std::uint64_t seen = 0;
    std::uint64_t injected = 0;

    int status = 0;
    std::string body;
    std::string content_type;
    double seconds = 0;  ///< real time, not scaled
    int percent = 0;
    std::string text;  ///< message, state, new name or location, depending on the kind
    std::vector<std::string> parameters;
    int disk = 0;            ///< index among the exported disks
    std::int64_t bytes = 0;  ///< size or bytes per second, depending on the kind
};

/// The properties of a call that a fault is matched against.
struct FaultContext {
    std::string method;
    std::string path;
    std::string call;
    std::string vm_name;
    std::string vm_uuid;
    int node = 0;
};

class FaultPlan {
public:
    /// Adds one fault (an object) or several (an array); returns their ids, or the problem of the first invalid one.
    Result<std::vector<std::string>> add(json::View faults);
    bool remove(std::string_view id);
    void clear() { faults_.clear(); }
    /// The faults that apply now, in the order in which they were added; counts each of them as injected.
    std::vector<Fault> inject(FaultStage stage, FaultContext const& context);
    void write(json::Writer& out) const;

private:
    std::vector<Fault> faults_;
    std::uint64_t next_id_ = 1;
};

}  // namespace sb::sim
