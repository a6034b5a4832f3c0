#pragma once
// One function for each call. The route table (routes.cpp) defines the body of each call.

#include "common/json/writer.hpp"
#include "simulator/api/message.hpp"
#include "simulator/api/simulator.hpp"

namespace sb::sim {

using Handler = Response (*)(Simulator&, Request&);

namespace handlers {
// session.cpp
Response ping(Simulator&, Request&);
Response login(Simulator&, Request&);
Response logout(Simulator&, Request&);
// vm.cpp
Response vm_list(Simulator&, Request&);
Response vm_get(Simulator&, Request&);
Response vm_create(Simulator&, Request&);
Response vm_patch(Simulator&, Request&);
Response vm_delete(Simulator&, Request&);
Response vm_stats(Simulator&, Request&);
// vm_action.cpp
Response vm_action(Simulator&, Request&);
// vm_clone.cpp
Response vm_clone(Simulator&, Request&);
// vm_export.cpp, vm_import.cpp
Response vm_export(Simulator&, Request&);
Response vm_import(Simulator&, Request&);
// snapshots.cpp
Response snapshot_list(Simulator&, Request&);
Response snapshot_get(Simulator&, Request&);
Response snapshot_create(Simulator&, Request&);
Response snapshot_delete(Simulator&, Request&);
Response schedule_list(Simulator&, Request&);
Response schedule_create(Simulator&, Request&);
Response schedule_patch(Simulator&, Request&);
Response schedule_delete(Simulator&, Request&);
// devices.cpp
Response device_list(Simulator&, Request&);
Response device_create(Simulator&, Request&);
Response device_patch(Simulator&, Request&);
Response device_delete(Simulator&, Request&);
Response device_clone(Simulator&, Request&);
// nics.cpp
Response nic_list(Simulator&, Request&);
Response nic_create(Simulator&, Request&);
Response nic_patch(Simulator&, Request&);
Response nic_delete(Simulator&, Request&);
// images.cpp
Response disk_list(Simulator&, Request&);
Response disk_upload(Simulator&, Request&);
Response disk_attach(Simulator&, Request&);
Response disk_delete(Simulator&, Request&);
// isos.cpp
Response iso_list(Simulator&, Request&);
Response iso_create(Simulator&, Request&);
Response iso_patch(Simulator&, Request&);
Response iso_data(Simulator&, Request&);
Response iso_delete(Simulator&, Request&);
// cluster.cpp
Response cluster_list(Simulator&, Request&);
Response cluster_patch(Simulator&, Request&);
Response cluster_shutdown(Simulator&, Request&);
Response node_list(Simulator&, Request&);
Response drive_list(Simulator&, Request&);
Response condition_list(Simulator&, Request&);
Response condition_filter(Simulator&, Request&);
Response empty_list(Simulator&, Request&);
Response update_status(Simulator&, Request&);
// users.cpp
Response role_list(Simulator&, Request&);
Response user_list(Simulator&, Request&);
Response user_create(Simulator&, Request&);
Response user_patch(Simulator&, Request&);
Response user_delete(Simulator&, Request&);
// tasks.cpp
Response task_list(Simulator&, Request&);
Response task_get(Simulator&, Request&);
// control.cpp: calls that a real cluster does not have
Response control_faults(Simulator&, Request&);
Response control_add_faults(Simulator&, Request&);
Response control_clear_faults(Simulator&, Request&);
Response control_stats(Simulator&, Request&);
Response control_reset_stats(Simulator&, Request&);
Response control_requests(Simulator&, Request&);
Response control_settled(Simulator&, Request&);
Response control_cluster(Simulator&, Request&);
Response control_clock(Simulator&, Request&);
Response control_update(Simulator&, Request&);
Response control_release(Simulator&, Request&);
Response control_mutate(Simulator&, Request&);
Response control_disks(Simulator&, Request&);
}  // namespace handlers

/// Starts an upload: adds the object that is visible while it runs, and returns the file for its body. A refusal is in
/// `refusal`.
struct UploadPlace {
    std::string file;
    Response refusal;
    std::vector<Fault> faults = {};  ///< of the stage upload
};
UploadPlace begin_upload(Simulator& sim, Request const& request, std::string const& call);

/// A list as JSON: `each(writer, item)` for the item with the requested uuid, or for all.
template <class List, class Each>
Response listed(Request const& request, List& list, Each each) {
    json::Writer out;
    out.begin_array();
    for (auto& item : list)
        if (request.parameters.empty() || item.uuid == request.parameters.front()) each(out, item);
    out.end_array();
    return json_answer(out.take());
}

/// The API's response when the object of a modifying call does not exist.
inline Response no_such(std::string_view what, std::string_view uuid) {
    return refuse(400, std::string(what) + " not found: " + std::string(uuid));
}

inline Response internal_error() { return refuse(500, "An internal error occurred"); }

}  // namespace sb::sim
