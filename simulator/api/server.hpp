#pragma once
// Processes a request: log, faults, login, permissions, body check, handler. No sockets here.

#include "simulator/api/handlers.hpp"
#include "simulator/api/routes.hpp"

#include <vector>

namespace sb::sim {

/// How a response is delivered, if at all.
enum class DeliveryMode { whole, silent, closed, reset, cut, cut_reset, drip };

struct Delivery {
    Response response;
    DeliveryMode mode = DeliveryMode::whole;
    double delay_seconds = 0;      ///< after the call was executed
    std::int64_t drip_rate = 0;    ///< bytes per second
    std::string framing;           ///< a fault kind: long_length, short_length, http10, bad_chunks; "" = correct
    std::shared_ptr<Later> later;  ///< if set, it supplies the response; apply finish() to that
    std::vector<Fault> faults;
    bool counted = true;  ///< in the statistics
};

class Server {
public:
    explicit Server(Simulator& sim, std::size_t log_limit = 1000) : sim_(sim), log_limit_(log_limit) {}

    /// Faults that apply to a new connection.
    std::vector<Fault> on_connection(int node);
    /// Step 1, after the header: the file for an upload's body; "" = an ordinary body. A refusal must be sent without
    /// reading the body.
    UploadPlace place_of(Request& request);
    /// Step 2: counts and logs the request and returns the faults that apply. Wait delay_of(faults) before serve().
    std::vector<Fault> judge(Request const& request);
    static double delay_of(std::vector<Fault> const& faults);
    /// Step 3: executes the call.
    Delivery serve(Request& request, std::vector<Fault> faults);
    /// Applies the faults to a finished response; serve() has done it unless `later` is set.
    void finish(Delivery& delivery, Response response);

    Simulator& sim() { return sim_; }

private:
    void trouble_node(Request const& request, std::vector<Fault> const& faults);
    std::string_view permission_for(Route const& route) const;
    Response lacks_permission(Route const& route) const;
    /// `forbidden`: as if the user lacked the permission.
    Response answer(Request& request, bool forbidden);
    Response authenticate(Request& request, Route const& route);
    Response checked_call(Request& request, Route const& route);

    Simulator& sim_;
    std::size_t log_limit_;
};

/// Changes a finished response according to faults such as garbage, wrong_types and task_state.
void alter(Response& response, std::vector<Fault> const& faults);
/// The response that replaces the call's own, for status, overload, html_502, redirect and the like; nothing without
/// such a fault.
std::optional<Response> replacement(std::vector<Fault> const& faults);
/// The status, body and type that a fault of kind status or status_after names.
Response status_of(Fault const& fault);
/// Adds the Date header, unless a fault leaves it out: `now` in Unix seconds, shifted by skew and date_skew.
void add_date(Response& response, std::vector<Fault> const& faults, std::int64_t now);

}  // namespace sb::sim
