#include "simulator/world/update_status.hpp"

namespace sb::sim {
namespace {

void write_prepare_status(json::Writer& out, UpdateStatus const& update) {
    std::string const state = update.phase == UpdatePhase::prepare ? update.prepare_state : "COMPLETE";
    if (update.prepare_as_text) {
        out.member("prepareStatus", state);
    } else {
        out.key("prepareStatus").begin_object().member("state", state).end_object();
    }
}

std::string master_state(UpdateStatus const& update, unsigned turn) {
    if (update.phase == UpdatePhase::complete) return "COMPLETE";
    return turn % 2 == 0 ? "EXECUTING" : "IN PROGRESS";
}

std::string details_of(UpdatePhase phase) {
    if (phase == UpdatePhase::prepare) return "Preparing the update";
    if (phase == UpdatePhase::apply) return "Updating the nodes";
    return "Update complete";
}

}  // namespace

Result<UpdateStatus> read_update_status(json::View from) {
    UpdateStatus update;
    auto const phase = from["phase"].text();
    if (phase == "never") update.phase = UpdatePhase::never;
    else if (phase == "prepare") update.phase = UpdatePhase::prepare;
    else if (phase == "apply") update.phase = UpdatePhase::apply;
    else if (phase != "complete")
        return Error{Errc::invalid_params,
                     "update: phase \"" + phase + "\"; expected never, prepare, apply or complete"};
    update.percent = static_cast<int>(from["percent"].integer().value_or(update.in_progress() ? 40 : 100));
    update.prepare_as_text = from["prepareStatusAsText"].boolean().value_or(false);
    if (auto const state = from["prepareState"].text(); !state.empty()) update.prepare_state = state;
    if (auto const version = from["toVersion"].text(); !version.empty()) {
        update.to_version = version;
        update.to_build = version.substr(version.rfind('.') + 1);
    }
    return update;
}

void write(json::Writer& out, UpdateStatus const& update, unsigned turn) {
    out.begin_object();
    write_prepare_status(out, update);
    out.key("updateStatus").begin_object();
    if (update.phase != UpdatePhase::prepare) {  // these appear only when the update is applied
        out.member("masterState", master_state(update, turn)).member("fromBuild", update.from_build);
        out.member("toBuild", update.to_build).member("toVersion", update.to_version);
    }
    out.member("percent", std::to_string(update.percent));  // a text
    out.key("status").begin_object().member("statusdetails", details_of(update.phase)).end_object();
    out.end_object().end_object();
}

}  // namespace sb::sim
