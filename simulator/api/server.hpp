#pragma once
// From a request to what goes over the wire: log, faults, login, rights, body check, handler. No sockets here.

#include "simulator/api/handlers.hpp"
#include "simulator/api/routes.hpp"

#include <vector>

namespace sb::sim {

/// How an answer leaves, or does not.
enum class Manner { whole, silent, closed, reset, cut, cut_reset, drip };

struct Delivery {
    Response response;
    Manner manner = Manner::whole;
    double delay_seconds = 0;    ///< after the call was done
    std::int64_t drip_rate = 0;  ///< bytes a second
    std::string framing;         ///< a fault kind: long_length, short_length, http10, bad_chunks; "" = as it should be
    std::shared_ptr<Later> later;  ///< set: the response comes with it; apply finish() to that
    std::vector<Fault> faults;
    bool counted = true;  ///< in the statistics
};

class Server {
public:
    explicit Server(Simulator& sim, std::size_t log_limit = 1000) : sim_(sim), log_limit_(log_limit) {}

    /// Faults that strike a new connection.
    std::vector<Fault> on_connection(int node);
    /// First, as soon as the head is there: where an upload's body goes; "" = it is an ordinary body. A refusal
    /// must be sent without reading the body.
    UploadPlace place_of(Request& request);
    /// Second: counts and logs the request and says which faults strike it. Wait delay_of(faults) before serve().
    std::vector<Fault> judge(Request const& request);
    static double delay_of(std::vector<Fault> const& faults);
    /// Third: does the call.
    Delivery serve(Request& request, std::vector<Fault> faults);
    /// What faults do to a finished answer; serve() has done it unless `later` is set.
    void finish(Delivery& delivery, Response response);

    Simulator& sim() { return sim_; }

private:
    void trouble_node(Request const& request, std::vector<Fault> const& faults);
    Response answer(Request& request);
    Response authenticate(Request& request, Route const& route);
    Response checked_call(Request& request, Route const& route);

    Simulator& sim_;
    std::size_t log_limit_;
};

/// Changes a finished answer as the faults of kind garbage, wrong_types, task_state and their like demand.
void alter(Response& response, std::vector<Fault> const& faults);
/// The answer in place of the call's own, for status, html_502, redirect and the like; nothing if no such fault is
/// there.
std::optional<Response> replacement(std::vector<Fault> const& faults);

}  // namespace sb::sim
