#pragma once
// The Cluster and Disks ports over HTTP: which call goes where, what is retried, and what a reply means. Endpoints: the
// vendor's REST API v1. Sockets are behind net::Transport.

#include "common/config/model.hpp"
#include "daemon/hypercore/codec.hpp"
#include "daemon/hypercore/decoder.hpp"
#include "daemon/hypercore/reply.hpp"
#include "daemon/hypercore/failover.hpp"
#include "common/text/scrub.hpp"
#include "daemon/net/http.hpp"
#include "daemon/ports/cluster.hpp"
#include "daemon/ports/disks.hpp"
#include "daemon/ports/time.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace sb::hypercore {

/// Time limits and retries. A real cluster answered an export after 11.7 s, so changing calls get minutes.
struct CallLimits {
    Milliseconds get{30'000};              ///< one attempt of a reading call
    Milliseconds get_total{60'000};        ///< all attempts of a reading call and the pauses between them
    Milliseconds order{120'000};           ///< an export or import POST
    Milliseconds upload_stall{300'000};    ///< no byte of an upload was accepted, or no reply came after the last
    int attempts = 4;                      ///< at most; more than one only after transient errors
    Milliseconds first_pause{500};         ///< doubled after each attempt
    Milliseconds max_pause{30'000};        ///< between attempts of a changing call that is refused for overload
    Milliseconds overload_total{120'000};  ///< all attempts of such a call and the pauses between them
};

/// Basic authentication on every call. Reading calls are retried with growing pauses after transient errors; changing
/// calls only if the cluster cannot have executed them: the transport guarantees that nothing was sent, or the cluster
/// refused the call because it is overloaded. (An upload is never repeated: its content can be sent once.)
class ClusterClient final : public ports::Cluster, public ports::Disks {
public:
    ClusterClient(std::unique_ptr<Failover> nodes, config::Scale scale, config::Smb smb, ports::Time& time,
                  CallLimits limits = CallLimits());

    task<Result<ports::Vms>> list_vms() override;
    task<Result<core::Vm>> get_vm(VmUuid uuid) override;
    task<Result<ports::OrderAccepted>> start_export(ports::ExportOrder order) override;
    task<Result<ports::OrderAccepted>> start_import(ports::ImportOrder order) override;
    task<Result<core::TaskReport>> get_task(TaskTag tag) override;
    task<Result<std::vector<core::TaskReport>>> list_tasks() override;
    std::string host() const override { return nodes_->present_host(); }
    std::vector<ports::NodeReport> nodes() const override { return nodes_->report(); }
    task<void> check_other_nodes() override { co_await nodes_->check_other_nodes(); }

    // cluster_client_status.cpp
    task<Result<ports::ClusterIdentity>> identity() override;
    std::optional<ports::ClusterDate> latest_date() const override { return nodes_->latest_date(); }
    task<Result<bool>> update_in_progress() override;

    // cluster_client_disks.cpp
    task<Result<ports::Creation>> take_snapshot(ports::SnapshotOrder order) override;
    task<Result<ports::Snapshot>> get_snapshot(std::string uuid) override;
    task<Result<ports::Creation>> clone_disk(ports::DiskCloneOrder order) override;
    task<Result<std::vector<ports::Medium>>> list_media() override;
    task<Result<ports::Creation>> upload_disk_image(std::string name, std::shared_ptr<ByteSource> content) override;

    net::Counters counters() const { return nodes_->counters(); }
    /// Closes idle connections; later calls fail with `cancelled`. Call it before the event loop is to end.
    void close() { nodes_->close(); }

private:
    /// Decodes a reply and returns what is wrong with it. It may run on another thread (Decoder).
    using Check = std::function<Result<void>(net::HttpReply const&)>;
    /// A reply with a 2xx status or 404 that passes the check, or an error. One that fails the check is requested
    /// again.
    task<Result<net::HttpReply>> get(std::string target, std::size_t max_body, Check check);
    /// The body of a 2xx reply to a POST that is sent again only if it cannot have been executed.
    task<Result<std::string>> send_order(std::string target, Secret body);
    task<Result<ports::OrderAccepted>> order(std::string target, Secret body);
    /// order() for a call that creates something that the reply must name.
    task<Result<ports::Creation>> order_creation(std::string target, Secret body);
    task<net::ExchangeResult> exchange_once(net::Method method, std::string target, Secret body, Milliseconds limit,
                                            std::size_t max_body);
    Error explain(Error error) const;
    /// What is wrong with the list that a cluster sent goes to the log, each once.
    void warn_once(VmList const& list);
    void warn_once(std::string const& warning);

    std::unique_ptr<Failover> nodes_;
    Secret authorization_;
    config::Smb smb_;
    std::shared_ptr<Scrubber const> scrub_;  ///< shared with what is being decoded
    ports::Time& time_;
    CallLimits limits_;
    std::set<std::string> warned_;
    Decoder decoder_;  ///< last: its thread ends before what it may use
};

}  // namespace sb::hypercore
