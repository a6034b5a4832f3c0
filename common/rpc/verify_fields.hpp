#pragma once
// The fields of verify_methods.hpp; see fields.hpp, which includes this.

#include "common/rpc/verify_methods.hpp"

namespace sb::rpc {

template <class Visitor>
void fields(Visitor& visit, Like<StartVerify::Params> auto& params) {
    visit.optional("backups", params.backups);
    visit.optional("level", params.level);
}

template <class Visitor>
void fields(Visitor& visit, Like<StartVerify::Reply> auto& reply) {
    visit.required("jobs", reply.jobs);
}

}  // namespace sb::rpc
