#pragma once
// The cluster's update as /update/update_status.json shows it, with the names that the vendor measured.

#include "common/error.hpp"
#include "common/json/document.hpp"
#include "common/json/writer.hpp"

#include <string>

namespace sb::sim {

/// never: the file does not exist before the first update of a cluster. prepare: packages are downloaded and
/// installed. apply: the nodes are updated. complete: no update is in progress.
enum class UpdatePhase { never, prepare, apply, complete };

struct UpdateStatus {
    UpdatePhase phase = UpdatePhase::complete;
    int percent = 100;
    std::string from_build = "217001";
    std::string to_build = "217736";
    std::string to_version = "9.4.30.217736";
    std::string prepare_state = "DOWNLOAD RPMS";  ///< in the phase prepare
    bool prepare_as_text = false;                 ///< "prepareStatus": "COMPLETE", an older form
    bool in_progress() const { return phase == UpdatePhase::prepare || phase == UpdatePhase::apply; }
};

/// "phase" is required; "percent", "prepareState", "prepareStatusAsText" and "toVersion" are not.
Result<UpdateStatus> read_update_status(json::View from);
/// Must not be called in the phase never. `turn` counts the responses: in the phase apply, two words alternate.
void write(json::Writer& out, UpdateStatus const& update, unsigned turn);

}  // namespace sb::sim
