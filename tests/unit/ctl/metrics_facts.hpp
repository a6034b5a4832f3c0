#pragma once
// What the tests of metrics have in common: a daemon that answers everything.

#include "ctl/render/metrics.hpp"
#include "tests/unit/ctl/fake_daemon.hpp"
#include "tests/unit/ctl/samples.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <utility>

namespace sb::ctl {

inline rpc::BackupInfo backup(std::string uuid, std::string state, UtcTime completed, std::string vm) {
    rpc::BackupInfo info;
    info.vm = std::move(vm);
    info.vm_uuid = std::move(uuid);
    info.state = std::move(state);
    info.started = completed - std::chrono::minutes{5};
    info.completed = completed;
    info.size_bytes = 1'000'000'000'000;
    return info;
}

inline MetricsFacts everything() {
    MetricsFacts facts;
    facts.status = rpc::Status::Reply{};
    facts.status->version = "0.1.0";
    facts.status->window.configured = true;
    facts.status->cluster.reachable = true;
    facts.status->cluster.asked = noon - std::chrono::minutes{1};
    facts.status->storage.measured = noon - std::chrono::minutes{2};
    facts.status->storage.total_bytes = 70'000'000;
    facts.status->storage.reclaimable_bytes = 7'000'000;
    facts.status->last_run = failed_run();
    facts.jobs = {job_of(1, "running", "following"), job_of(2, "queued", "queued"), job_of(3, "running", "committing")};
    facts.jobs.back().error = "the folder is in use";  // it only waits for its name
    auto verified = backup("u1", "complete", noon - std::chrono::hours{24}, "old name");
    verified.verified = {"content", noon - std::chrono::hours{1}};
    facts.backups = {backup("u1", "complete", noon, "A \"x\" \\ \n B"), verified, backup("u2", "damaged", noon, "C")};
    rpc::QueueEntry served{"A \"x\" \\ \n B", "u1", noon, 0, "", noon + std::chrono::hours{24}, false};
    rpc::QueueEntry late{"C", "u2", std::nullopt, std::nullopt, "", std::nullopt, true};
    facts.queue = {served, late};
    return facts;
}

inline std::string text_of(MetricsFacts const& facts) { return metrics_text(metrics_of(facts)); }

inline void serve(FakePeer& peer) {
    auto const facts = everything();
    peer.answer<rpc::Status>(*facts.status);
    EXPECT_EQ(peer.answer<rpc::ListJobs>({facts.jobs}), R"({"limit":0,"before":0})");
    peer.answer<rpc::ListBackups>({*facts.backups});
    peer.answer<rpc::ShowQueue>({*facts.queue});
    peer.answer<rpc::Status>(*facts.status);
}

}  // namespace sb::ctl
