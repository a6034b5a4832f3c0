#pragma once
// The fields of doctor_methods.hpp; see fields.hpp, which includes this.

#include "common/rpc/doctor_methods.hpp"

namespace sb::rpc {

template <class Visitor>
void fields(Visitor& visit, Like<FindingInfo> auto& finding) {
    visit.required("subject", finding.subject);
    visit.required("verdict", finding.verdict);
    visit.required("words", finding.words);
    visit.required("remedy", finding.remedy);
}

template <class Visitor>
void fields(Visitor& visit, Like<CheckHealth::Reply> auto& reply) {
    visit.required("findings", reply.findings);
    visit.required("worst", reply.worst);
}

}  // namespace sb::rpc
