#include "ctl/render/metrics.hpp"

#include "ctl/render/display_width.hpp"
#include "ctl/render/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <map>

namespace sb::ctl {
namespace {

constexpr std::string_view metric_prefix = "scale_backup_";

double unix_seconds(UtcTime time) {
    return static_cast<double>(std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count());
}
double as_number(bool truth) { return truth ? 1 : 0; }

class MetricCollection {
public:
    Metric& family(std::string_view name, std::string_view help) {
        metrics.push_back({std::string(metric_prefix) + std::string(name), std::string(help), {}});
        return metrics.back();
    }
    void add(std::string_view name, std::string_view help, double value) {
        family(name, help).samples.push_back({{}, value});
    }

    std::vector<Metric> metrics;
};

/// What the backups of a VM show.
struct VmBackups {
    std::string name;
    std::optional<UtcTime> started, succeeded, verified;
    std::optional<UtcTime> unanswered;  ///< when the newest one whose folder does not answer was started
};

std::string_view state_of(rpc::BackupInfo const& backup) {
    return backup.unanswered ? std::string_view("unanswered") : std::string_view(backup.state);
}

/// Its newest success may be one whose folder does not answer: then an older one is not shown as the newest.
bool is_success_known(VmBackups const& vm) {
    return vm.succeeded && (!vm.unanswered || (vm.started && *vm.unanswered < *vm.started));
}

std::map<std::string, VmBackups> by_vm(std::vector<rpc::BackupInfo> const& backups) {
    std::map<std::string, VmBackups> vms;
    for (auto const& backup : backups) {
        if (backup.vm_uuid.empty() || !backup.known) continue;
        if (backup.unanswered && backup.started) {
            auto& newest = vms[backup.vm_uuid].unanswered;
            newest = std::max(newest.value_or(*backup.started), *backup.started);
        }
        if (state_of(backup) != "complete") continue;
        auto& vm = vms[backup.vm_uuid];
        if (!vm.started || (backup.started && *backup.started > *vm.started)) {
            vm.name = backup.vm;  // the newest backup has the VM's newest name
            vm.started = backup.started;
        }
        if (backup.completed) vm.succeeded = std::max(vm.succeeded.value_or(*backup.completed), *backup.completed);
        if (backup.verified) vm.verified = std::max(vm.verified.value_or(backup.verified->at), backup.verified->at);
    }
    return vms;
}

Sample sample_of(std::string const& name, std::string const& uuid, double value) {
    return {{{"vm", name}, {"vm_uuid", uuid}}, value};
}

/// Absent before the cluster was asked for the first time. Whether the daemon can answer now, for which LocalPath is
/// needed, too, is another question: `missing`.
void add_cluster(MetricCollection& all, rpc::Status::Cluster const& cluster) {
    if (!cluster.reachable) return;
    all.add("cluster_up", "Whether the cluster answered when the daemon last asked it.", as_number(*cluster.reachable));
    if (cluster.asked) all.add("cluster_asked_timestamp_seconds", "When that was.", unix_seconds(*cluster.asked));
}

void add_missing(MetricCollection& all, MetricsFacts const& facts) {
    auto& missing = all.family("missing", "Whether these numbers are left out, because they are not known now.");
    missing.samples.push_back({{{"part", "backups"}}, as_number(!facts.backups)});
    bool const no_queue = facts.status->window.configured && !facts.queue;
    missing.samples.push_back({{{"part", "queue"}}, as_number(no_queue)});
    missing.samples.push_back({{{"part", "storage"}}, as_number(facts.status->storage.total_bytes == 0)});
}

void add_storage(MetricCollection& all, rpc::Status::Storage const& storage) {
    if (storage.total_bytes == 0) return;  // LocalPath has not been read yet
    all.add("free_bytes", "Free space in the file system of the backups.", static_cast<double>(storage.free_bytes));
    all.add("reclaimable_bytes", "Size of deleted backups that are removed when an export needs the room.",
            static_cast<double>(storage.reclaimable_bytes));
    all.add("total_bytes", "Size of the file system of the backups.", static_cast<double>(storage.total_bytes));
    if (storage.measured)
        all.add("storage_timestamp_seconds", "When its free space was read.", unix_seconds(*storage.measured));
}

void add_status(MetricCollection& all, MetricsFacts const& facts) {
    auto const& status = *facts.status;
    all.family("build_info", "Always 1; the label has the daemon's version.")
        .samples.push_back({{{"version", status.version}}, 1});
    all.add("uptime_seconds", "How long the daemon has been running.", static_cast<double>(status.uptime_seconds));
    add_cluster(all, status.cluster);
    all.add("window_open", "Whether scheduled backups may start now.", as_number(status.window.open));
    all.add("paused", "Whether the schedule is paused.", as_number(status.paused));
    auto& jobs = all.family("jobs", "Jobs that have not ended.");
    jobs.samples.push_back({{{"state", "queued"}}, static_cast<double>(status.jobs.queued)});
    jobs.samples.push_back({{{"state", "running"}}, static_cast<double>(status.jobs.running)});
    // A complete export whose folder waits for its name is a condition.
    auto const exports = std::ranges::count_if(facts.jobs, [](auto const& job) {
        return job.kind == "backup" && job.state == "running" && !waits_for_name(job);
    });
    all.add("exports_running", "Backups in progress.", static_cast<double>(exports));
    all.add("problems", "Problems that prevent scheduled backups; 'status' describes them.",
            static_cast<double>(status.problems.size()));
    auto& conditions = all.family("conditions", "What is wrong now, by severity; 'status' describes each.");
    for (auto const* severity : {"error", "warning"}) {
        auto const count = std::ranges::count(status.conditions, severity, &rpc::Status::Condition::severity);
        conditions.samples.push_back({{{"severity", severity}}, static_cast<double>(count)});
    }
    add_storage(all, status.storage);
    add_missing(all, facts);
    if (status.last_run && status.last_run->finished) {
        all.add("last_run_timestamp_seconds", "When the last run of the schedule ended.",
                unix_seconds(*status.last_run->finished));
        all.add("last_run_failed", "How many VMs it could not back up.", status.last_run->failed);
    }
}

/// What the journal does not know is counted apart: anyone who can write to the share may have put it there.
void add_backups(MetricCollection& all, std::vector<rpc::BackupInfo> const& listed) {
    std::vector<rpc::BackupInfo> backups;
    std::ranges::copy_if(listed, std::back_inserter(backups), &rpc::BackupInfo::known);
    all.add("backups_unknown", "Folders of the share with a manifest that the journal does not know.",
            static_cast<double>(listed.size() - backups.size()));
    auto& states = all.family("backups", "Folders of the share, by state.");
    for (auto const* state : {"complete", "exporting", "unverified", "incomplete", "damaged", "unanswered"})
        states.samples.push_back(
            {{{"state", state}}, static_cast<double>(std::ranges::count(backups, state, state_of))});
    double bytes = 0;
    for (auto const& backup : backups) bytes += static_cast<double>(backup.size_bytes);
    all.add("backups_bytes", "Size of all of them.", bytes);
    auto const vms = by_vm(backups);
    auto& succeeded =
        all.family("last_success_timestamp_seconds", "When the VM's newest complete backup was completed.");
    for (auto const& [uuid, vm] : vms)
        if (is_success_known(vm)) succeeded.samples.push_back(sample_of(vm.name, uuid, unix_seconds(*vm.succeeded)));
    auto& verified = all.family("last_verified_timestamp_seconds", "When a backup of the VM was last verified.");
    for (auto const& [uuid, vm] : vms)
        if (vm.verified) verified.samples.push_back(sample_of(vm.name, uuid, unix_seconds(*vm.verified)));
}

void add_queue(MetricCollection& all, std::vector<rpc::QueueEntry> const& queue) {
    auto& due = all.family("due_timestamp_seconds", "When the VM is due for a backup; 0 if it was never backed up.");
    for (auto const& entry : queue)
        due.samples.push_back(sample_of(entry.vm, entry.vm_uuid, entry.due_at ? unix_seconds(*entry.due_at) : 0));
    auto& behind = all.family("rpo_breach", "Whether the VM is later than BackupInterval and Tolerance allow.");
    for (auto const& entry : queue)
        behind.samples.push_back(sample_of(entry.vm, entry.vm_uuid, as_number(entry.behind)));
}

/// The format knows an escape for a line's end. Other control characters it would pass on to a terminal, or to what
/// shows the labels later.
std::string escaped_label(std::string_view text) {
    std::string out;
    for (char const c : escape_within_lines(text)) {
        if (c == '\n') out += "\\n";
        else if (c == '"' || c == '\\') out += std::string{'\\', c};
        else out += c;
    }
    return out;
}

std::string number_text(double value) {
    std::array<char, 64> digits{};
    auto const end =
        std::to_chars(digits.data(), digits.data() + digits.size(), value, std::chars_format::fixed, 0).ptr;
    return {digits.data(), end};
}

}  // namespace

std::vector<Metric> metrics_of(MetricsFacts const& facts) {
    MetricCollection all;
    all.add("up", "Whether the daemon answers.", as_number(facts.status.has_value()));
    if (facts.status) add_status(all, facts);
    if (facts.backups) add_backups(all, *facts.backups);
    if (facts.queue) add_queue(all, *facts.queue);
    std::erase_if(all.metrics, [](Metric const& metric) { return metric.samples.empty(); });
    return all.metrics;
}

std::string metrics_text(std::vector<Metric> const& metrics) {
    std::string text;
    for (auto const& metric : metrics) {
        text += "# HELP " + metric.name + " " + metric.help + "\n# TYPE " + metric.name + " gauge\n";
        for (auto const& sample : metric.samples) {
            std::string labels;
            for (auto const& [label, value] : sample.labels) {
                if (!labels.empty()) labels += ",";
                labels += label + "=\"" + escaped_label(value) + "\"";
            }
            text += metric.name;
            if (!labels.empty()) text += "{" + labels + "}";
            text += " " + number_text(sample.value) + "\n";
        }
    }
    return text;
}

void write_metrics(json::Writer& out, std::vector<Metric> const& metrics) {
    out.begin_array();
    for (auto const& metric : metrics) {
        for (auto const& sample : metric.samples) {
            out.begin_object().member("name", std::string_view(metric.name)).key("labels").begin_object();
            for (auto const& [label, value] : sample.labels) out.member(label, std::string_view(value));
            out.end_object().member("value", static_cast<std::int64_t>(sample.value)).end_object();
        }
    }
    out.end_array();
}

}  // namespace sb::ctl
