#pragma once
// Registers the handlers of the methods with which a person deletes backups, takes them back, and accepts exports.

#include "daemon/control/server.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/engine/evidence.hpp"
#include "daemon/engine/scheduler.hpp"
#include "daemon/engine/trash.hpp"
#include "daemon/ports/catalog.hpp"

#include <functional>

namespace sb::api {

struct DeleteParts {
    engine::Engine& engine;
    engine::Scheduler& scheduler;
    engine::Trash& trash;
    engine::Evidence& evidence;
    ports::Catalog& catalog;
    std::function<Milliseconds()> undelete_for;  ///< [Schedule] UndeleteFor
    std::function<void()> backups_changed;
};

/// The parts must outlive the server.
void register_delete_handlers(control::Server& server, DeleteParts const& parts);

}  // namespace sb::api
