#pragma once
// Numbers for a monitoring system. Pure. docs/monitoring.md explains each of them; a test compares.

#include "common/error.hpp"
#include "common/json/writer.hpp"
#include "common/rpc/methods.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sb::ctl {

/// What the daemon answered. What is missing is left out, so that old numbers are never taken for new ones.
struct MetricsFacts {
    std::optional<rpc::Status::Reply> status;  ///< nothing = the daemon does not answer
    std::vector<rpc::JobInfo> jobs;            ///< running and queued
    std::optional<std::vector<rpc::BackupInfo>> backups;
    /// Nothing = there is no schedule, or the cluster or LocalPath does not answer.
    std::optional<std::vector<rpc::QueueEntry>> queue;
    std::optional<Error> no_queue;  ///< why it was not answered; `daemon_unreachable`: not in time
};

struct Sample {
    std::vector<std::pair<std::string, std::string>> labels;
    double value = 0;
};

/// All of one name.
struct Metric {
    std::string name, help;
    std::vector<Sample> samples;
};

std::vector<Metric> metrics_of(MetricsFacts const& facts);

/// The text format of Prometheus, version 0.0.4: all are gauges.
std::string metrics_text(std::vector<Metric> const& metrics);

/// The same as one JSON array.
void write_metrics(json::Writer& out, std::vector<Metric> const& metrics);

}  // namespace sb::ctl
