#include "simulator/api/handlers.hpp"
#include "simulator/world/write.hpp"

namespace sb::sim::handlers {

Response task_list(Simulator& sim, Request&) {
    json::Writer out;
    out.begin_array();
    for (auto const* task : sim.tasks.all()) write(out, *task);
    out.end_array();
    return json_answer(out.take());
}

Response task_get(Simulator& sim, Request& request) {
    json::Writer out;
    out.begin_array();
    if (auto const* task = sim.tasks.find(request.parameters.front())) write(out, *task);
    out.end_array();
    return json_answer(out.take());
}

}  // namespace sb::sim::handlers
