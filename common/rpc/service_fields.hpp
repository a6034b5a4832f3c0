#pragma once
// The fields of service_methods.hpp; see fields.hpp, which includes this.

#include "common/rpc/service_methods.hpp"

namespace sb::rpc {

template <class Visitor>
void fields(Visitor& visit, Like<Reload::Reply> auto& reply) {
    visit.required("reloaded", reply.reloaded);
    visit.required("problems", reply.problems);
    visit.required("warnings", reply.warnings);
    visit.required("changed", reply.changed);
    visit.required("needs_restart", reply.needs_restart);
}

}  // namespace sb::rpc
