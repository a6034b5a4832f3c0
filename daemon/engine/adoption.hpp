#pragma once
// Takes over folders of another program: gathers the facts for core::judge_adoption() and does what it says. Nothing is
// deleted here.

#include "daemon/core/adoption.hpp"
#include "daemon/core/retention.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/ports/old_folders.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sb::engine {

struct LookedAt {
    core::Adoption adoption;
    std::uint64_t size_bytes = 0;
};

class Adopter {
public:
    Adopter(Engine& engine, ports::Catalog& catalog, ports::OldFolders& folders, ports::Time& time,
            core::Zone const& zone)
        : engine_(engine), catalog_(catalog), folders_(folders), time_(time), zone_(zone) {}

    task<Result<std::vector<std::string>>> list() { return folders_.list(); }
    /// A look in full. Errors: trouble with LocalPath or the journal.
    task<Result<LookedAt>> look(std::string folder);
    /// Looks again and writes the manifest if it is adoptable; the verdict is `adopted` then.
    task<Result<LookedAt>> adopt(std::string folder, bool is_protected);

    /// Those of these names (empty = of all) that were found adoptable by the last look at them, as retention will see
    /// them.
    std::vector<core::Stored> adoptable(std::vector<std::string> const& names) const;

private:
    task<Result<core::AdoptionFacts>> facts_about(core::OldFolder const& folder);
    task<Result<void>> remember_jobs();
    void remember(LookedAt const& looked);

    Engine& engine_;
    ports::Catalog& catalog_;
    ports::OldFolders& folders_;
    ports::Time& time_;
    core::Zone const& zone_;
    std::map<std::string, JobId> failed_exports_;  ///< by folder: the last job of ours into it failed
    std::optional<SteadyTime> jobs_read_at_;
    std::map<std::string, core::Stored> adoptable_;  ///< by name
};

}  // namespace sb::engine
