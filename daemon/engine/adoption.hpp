#pragma once
// Adopts folders of another program: gathers the facts for core::evaluate_adoption() and executes its verdict. Deletes
// nothing.

#include "daemon/core/adoption.hpp"
#include "daemon/core/retention.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/ports/old_folders.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sb::engine {

struct InspectedFolder {
    core::Adoption adoption;
    std::uint64_t size_bytes = 0;
    bool is_claim = false;  ///< it has a manifest, which the journal does not know
};

class Adopter {
public:
    Adopter(Engine& engine, ports::Catalog& catalog, ports::OldFolders& folders, ports::Time& time,
            core::Zone const& zone)
        : engine_(engine), catalog_(catalog), folders_(folders), time_(time), zone_(zone) {}

    /// What makes an adopted backup count: its check, and the record of it.
    using Trust = std::function<task<Result<void>>(std::string backup)>;
    void trust_by(Trust trust) { trust_ = std::move(trust); }

    /// Folders without a manifest, and backups that the journal does not know.
    task<Result<std::vector<std::string>>> list();
    /// A full inspection. Errors: problems with LocalPath or the journal.
    task<Result<InspectedFolder>> inspect(std::string folder);
    /// Inspects again and writes the manifest if the folder is adoptable; the verdict is then `adopted`.
    task<Result<InspectedFolder>> adopt(std::string folder, bool is_protected);

    /// The folders among `names` (empty = all) that the last inspection found adoptable, as retention will see them.
    std::vector<core::Stored> adoptable(std::vector<std::string> const& names) const;

private:
    task<Result<core::AdoptionFacts>> facts_about(core::OldFolder const& folder);
    task<Result<void>> load_jobs();
    task<void> look_for_claim(InspectedFolder& inspected);
    task<Result<void>> write_manifest(InspectedFolder& inspected, bool is_protected);
    void cache(InspectedFolder const& inspected);

    Engine& engine_;
    ports::Catalog& catalog_;
    ports::OldFolders& folders_;
    ports::Time& time_;
    core::Zone const& zone_;
    Trust trust_;                                  ///< empty: what has a manifest counts
    std::map<std::string, JobId> failed_exports_;  ///< by folder: the last job that wrote it failed
    std::vector<core::Job> renamed_exports_;       ///< failed ones whose landing folders may have any name now
    std::optional<SteadyTime> jobs_read_at_;
    std::map<std::string, core::Stored> adoptable_;  ///< by name
};

}  // namespace sb::engine
