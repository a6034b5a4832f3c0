#pragma once
// The Verification port on LocalPath.

#include "daemon/async/pool.hpp"
#include "daemon/ports/verification.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>

namespace sb::catalog {

/// `pool` should have one thread of its own; it is made to give way to everything else on the machine. `one_change` is
/// the catalogue's. `cores` is asked before each slice.
std::unique_ptr<ports::Verification> make_verification(BlockingPool& pool, std::filesystem::path local_path,
                                                       std::shared_ptr<std::mutex> one_change,
                                                       std::function<unsigned()> cores);

}  // namespace sb::catalog
