#pragma once
// Landing folders with a manifest, and what became of them.

#include "daemon/catalog/landing.hpp"
#include "daemon/catalog/manifest_checksum.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/catalog/catalog_fixture.hpp"

#include <algorithm>
#include <stdexcept>

namespace sb::catalog {

class Commit : public Catalog {
protected:
    void land(std::string const& backup) { land(backup, core::landing_folder(backup, attempt_)); }
    void land(std::string const& backup, std::string const& folder) {
        auto manifest = sample(backup);
        manifest.attempt = core::attempt_of(folder);
        manifest.end = core::ExportEnd::seen;
        write_sample(folder);
        ASSERT_TRUE(wait(catalog_->write_manifest(folder, manifest)));
    }
    /// Of another export.
    void make_backup(std::string const& name) {
        write_sample(name);
        ASSERT_TRUE(wait(catalog_->write_manifest(name, sample(name))));
    }
    std::string commit() {
        auto const name = wait(catalog_->commit(landing_, "b"));
        return name ? *name : name.error().context;
    }
    /// At start, without a journal: how many landing folders became backups.
    std::size_t finish() {
        auto const finished = wait(finish_commits(pool_, share_));
        if (!finished) throw std::runtime_error(finished.error().context);
        return static_cast<std::size_t>(
            std::ranges::count_if(*finished, [](auto const& each) { return each.name.has_value(); }));
    }
    void expect_backup(std::string const& name) { expect_backup(name, attempt_); }
    void expect_backup(std::string const& name, std::string const& attempt) {
        auto const backup = found(name);
        EXPECT_EQ(backup.state, BackupState::complete) << name << ": " << backup.problem;
        ASSERT_TRUE(backup.manifest) << name;
        EXPECT_EQ(backup.manifest->backup, name);
        EXPECT_EQ(backup.manifest->attempt, attempt);
        EXPECT_EQ(check_checksum(test::read_file(share_ / name / core::manifest_file_name)), Checksum::valid);
    }
};

}  // namespace sb::catalog
