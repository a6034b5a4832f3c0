#pragma once
// Things that go wrong on demand: a fault says when (match) and what (kind). simulator/README.md lists them all.

#include "common/error.hpp"
#include "common/json/document.hpp"
#include "common/json/writer.hpp"

#include <cstdint>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace sb::sim {

/// Where in the life of a call a fault strikes.
enum class FaultStage { connection, request, task, upload };

struct FaultMatch {
    std::string method;       ///< "" = any
    std::string path;         ///< regular expression, searched in the path without the query; "" = any
    std::string call;         ///< the route's name, as "export" or "task_get"; "" = any
    std::string vm;           ///< name or uuid of the VM that the call or its task is about; "" = any
    int node = 0;             ///< address through which the call comes, from 1; 0 = any
    std::uint64_t after = 0;  ///< lets so many matches pass first
    std::uint64_t nth = 0;    ///< only this match, from 1; 0 = each
    std::uint64_t count = 0;  ///< strikes so often at most; 0 = without limit
};

struct Fault {
    std::string id;
    std::string kind;
    FaultStage stage = FaultStage::request;
    FaultMatch match;
    std::regex path;
    std::uint64_t seen = 0;
    std::uint64_t struck = 0;

    int status = 0;
    std::string body;
    std::string content_type;
    double seconds = 0;  ///< real time, not scaled
    int percent = 0;
    std::string text;  ///< message, state word, new name or location, by kind
    std::vector<std::string> parameters;
    int disk = 0;            ///< index among the exported disks
    std::int64_t bytes = 0;  ///< size or bytes per second, by kind
};

/// What a fault is compared with.
struct Occasion {
    std::string method;
    std::string path;
    std::string call;
    std::string vm_name;
    std::string vm_uuid;
    int node = 0;
};

class FaultPlan {
public:
    /// Adds one fault (an object) or several (an array); returns their ids, or what is wrong with the first bad one.
    Result<std::vector<std::string>> add(json::View faults);
    bool remove(std::string_view id);
    void clear() { faults_.clear(); }
    /// The faults that strike now, in the order in which they were added; they count as struck.
    std::vector<Fault> strike(FaultStage stage, Occasion const& occasion);
    void write(json::Writer& out) const;

private:
    std::vector<Fault> faults_;
    std::uint64_t next_id_ = 1;
};

}  // namespace sb::sim
