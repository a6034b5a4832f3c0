#include "daemon/hypercore/cluster_client.hpp"

#include "daemon/hypercore/encoding.hpp"
#include "daemon/hypercore/keep_decoded.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>

namespace sb::hypercore {
namespace {

std::string const vms_path = "/rest/v1/VirDomain";
std::string const tasks_path = "/rest/v1/TaskTag";

// A thousand VMs are a few megabytes, one task a few hundred bytes.
constexpr std::size_t large_reply = std::size_t{16} << 20;
constexpr std::size_t small_reply = std::size_t{1} << 20;

bool was_not_found(net::HttpReply const& reply) { return reply.status == 404; }

/// The error of a POST without a reply. It is transient only if nothing was sent.
Error order_failure(net::ExchangeFailure failure, Scrubber const& scrub) {
    auto error = std::move(failure.error);
    error.context = scrub(error.context);
    if (failure.sent == net::Sent::maybe) {
        error.code = Errc::outcome_unknown;
        error.context += "; the request was sent and may be executed";
    }
    return error;
}

}  // namespace

ClusterClient::ClusterClient(std::unique_ptr<Failover> nodes, config::Scale scale, config::Smb smb, ports::Time& time,
                             CallLimits limits)
    : nodes_(std::move(nodes)),
      authorization_(basic_authorization(scale.username, scale.password)),
      smb_(std::move(smb)),
      time_(time),
      limits_(limits) {
    std::vector<Secret> secrets{scale.password, smb_.password};
    std::string const& header = authorization_.reveal();
    secrets.emplace_back(header.substr(header.find(' ') + 1));
    scrub_ = std::make_shared<Scrubber const>(std::move(secrets));
}

Error ClusterClient::explain(Error error) const { return while_doing(std::move(error), "cluster " + host()); }

task<net::ExchangeResult> ClusterClient::exchange_once(net::Method method, std::string target, Secret body,
                                                       Milliseconds limit, std::size_t max_body) {
    net::HttpRequest request;
    request.method = method;
    request.target = target;
    request.authorization = authorization_;
    request.body = std::move(body);
    request.limit = limit;
    request.max_body = max_body;
    auto const started = time_.steady_now();
    auto result = co_await nodes_->exchange(std::move(request));
    auto const took = (time_.steady_now() - started).count();
    char const* const verb = net::name_of(method);
    if (result) {
        spdlog::debug("cluster: {} {}: {}, {} ms", verb, target, result->status, took);
    } else {
        spdlog::debug("cluster: {} {}: {}, {} ms", verb, target, result.error().error.context, took);
    }
    co_return result;
}

task<Result<net::HttpReply>> ClusterClient::get(std::string target, std::size_t max_body, Check check) {
    auto const give_up = time_.steady_now() + limits_.get_total;
    auto pause = limits_.first_pause;
    Error last;
    for (int attempt = 1;; ++attempt) {
        auto const limit = std::min(limits_.get, give_up - time_.steady_now());
        Secret no_body;
        auto result = co_await exchange_once(net::Method::get, target, std::move(no_body), limit, max_body);
        bool const usable = result && (is_success(*result) || was_not_found(*result));
        if (usable) {
            auto const reply = std::make_shared<net::HttpReply>(std::move(*result));
            Result<void> checked;
            auto work = [reply, check] { return check(*reply); };
            if (is_success(*reply)) checked = co_await decoder_.run(reply->body.size(), std::move(work));
            if (checked) co_return std::move(*reply);
            last = checked.error();
        } else {
            last = result ? error_from(*result, net::Method::get, *scrub_) : result.error().error;
        }
        last.context = (*scrub_)(last.context);
        bool const in_time = time_.steady_now() + pause < give_up;
        if (!is_transient(last.code) || attempt >= limits_.attempts || !in_time) break;
        spdlog::debug("cluster: GET {} again in {} ms: {}", target, pause.count(), last.context);
        co_await time_.sleep_until(time_.steady_now() + pause);
        pause *= 2;
    }
    co_return explain(std::move(last));
}

task<Result<ports::OrderAccepted>> ClusterClient::order(std::string target, Secret body) {
    auto reply = co_await send_order(target, std::move(body));
    if (!reply) co_return reply.error();
    auto taken = decode_order(*reply);
    if (taken) co_return std::move(*taken);
    co_return explain(Error{Errc::outcome_unknown, "the request was accepted, but " + taken.error().context});
}

task<Result<std::string>> ClusterClient::send_order(std::string target, Secret body) {
    auto const give_up = time_.steady_now() + limits_.overload_total;
    auto pause = limits_.first_pause;
    int unsent = 0;
    for (int attempt = 1;; ++attempt) {
        auto result = co_await exchange_once(net::Method::post, target, body, limits_.order, small_reply);
        if (result && is_success(*result)) co_return std::move(result->body);
        bool const overloaded = result && is_overload(*result);
        Error error = result ? error_from(*result, net::Method::post, *scrub_) : order_failure(result.error(), *scrub_);
        bool again = overloaded && time_.steady_now() + pause < give_up;
        if (!result) again = is_transient(error.code) && ++unsent < limits_.attempts;
        if (overloaded && !again)
            error.context += "; not executed, the last of " + std::to_string(attempt) + " attempts";
        if (!again) co_return explain(std::move(error));
        spdlog::debug("cluster: POST {} again in {} ms, not executed: {}", target, pause.count(), error.context);
        co_await time_.sleep_until(time_.steady_now() + pause);
        pause = std::min(pause * 2, limits_.max_pause);
    }
}

void ClusterClient::warn_once(std::string const& warning) {
    constexpr std::size_t max_warnings = 1000;
    if (warned_.size() < max_warnings && warned_.insert(warning).second)
        spdlog::warn("cluster {}: {}", host(), warning);
}

void ClusterClient::warn_once(VmList const& list) {
    for (auto const& warning : list.warnings) warn_once(warning);
    if (list.oddities > list.warnings.size())
        warn_once("its list of VMs has " + std::to_string(list.oddities) + " such problems; the first " +
                  std::to_string(list.warnings.size()) + " are shown");
}

task<Result<ports::Vms>> ClusterClient::list_vms() {
    auto const list = std::make_shared<std::optional<VmList>>();
    Check check = keeping(list, [scrub = scrub_](std::string_view body) { return decode_vms(body, *scrub); });
    auto reply = co_await get(vms_path, large_reply, std::move(check));
    if (!reply) co_return reply.error();
    if (!*list) co_return explain(error_from(*reply, net::Method::get, *scrub_));
    warn_once(**list);
    co_return std::move((**list).vms);
}

task<Result<core::Vm>> ClusterClient::get_vm(VmUuid uuid) {
    Error const none{Errc::not_found, "the cluster has no VM with the uuid '" + uuid.text() + "'"};
    if (uuid.empty()) co_return none;  // the cluster would answer with the whole list
    auto const list = std::make_shared<std::optional<VmList>>();
    Check check = keeping(list, [scrub = scrub_](std::string_view body) { return decode_vms(body, *scrub); });
    auto reply = co_await get(vms_path + "/" + percent_encode(uuid.text()), large_reply, std::move(check));
    if (!reply) co_return reply.error();
    if (!*list) co_return none;
    warn_once(**list);
    auto& vms = (**list).vms;
    auto const found = std::ranges::find(vms, uuid, &core::Vm::uuid);
    if (found == vms.end()) co_return none;
    co_return std::move(*found);
}

task<Result<ports::OrderAccepted>> ClusterClient::start_export(ports::ExportOrder export_order) {
    Error const refused{Errc::invalid_params, "an export needs a VM and a folder"};
    if (export_order.vm.empty() || export_order.folder.empty()) co_return refused;
    Secret body = encode_export(export_order, smb_uri(smb_, export_order.folder));
    std::string const target = vms_path + "/" + percent_encode(export_order.vm.text()) + "/export";
    co_return co_await order(target, std::move(body));
}

task<Result<ports::OrderAccepted>> ClusterClient::start_import(ports::ImportOrder import_order) {
    Error const refused{Errc::invalid_params, "an import needs a folder and a name"};
    if (import_order.folder.empty() || import_order.vm_name.empty()) co_return refused;
    Secret body = encode_import(import_order, smb_uri(smb_, import_order.folder));
    co_return co_await order(vms_path + "/import", std::move(body));
}

task<Result<core::TaskReport>> ClusterClient::get_task(TaskTag tag) {
    core::TaskReport absent;
    absent.tag = tag;
    if (tag.empty()) co_return absent;  // the cluster would answer with the whole list
    auto const report = std::make_shared<std::optional<core::TaskReport>>();
    Check check =
        keeping(report, [scrub = scrub_, tag](std::string_view body) { return decode_task(body, tag, *scrub); });
    auto reply = co_await get(tasks_path + "/" + percent_encode(tag.text()), small_reply, std::move(check));
    if (!reply) co_return reply.error();
    if (!*report) co_return absent;
    co_return std::move(**report);
}

task<Result<std::vector<core::TaskReport>>> ClusterClient::list_tasks() {
    auto const tasks = std::make_shared<std::optional<std::vector<core::TaskReport>>>();
    Check check = keeping(tasks, [scrub = scrub_](std::string_view body) { return decode_tasks(body, *scrub); });
    auto reply = co_await get(tasks_path, large_reply, std::move(check));
    if (!reply) co_return reply.error();
    if (!*tasks) co_return explain(error_from(*reply, net::Method::get, *scrub_));
    co_return std::move(**tasks);
}

}  // namespace sb::hypercore
