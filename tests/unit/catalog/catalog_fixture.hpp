#pragma once
// A catalogue on its own share.

#include "daemon/catalog/local_catalog.hpp"
#include "daemon/core/landing.hpp"
#include "tests/unit/catalog/sample_manifest.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>

namespace sb::catalog {

namespace fs = std::filesystem;
using core::BackupState;

class Catalog : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "sb-catalog-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        top_ = pattern;
        share_ = top_ / "share";
        fs::create_directory(share_);
        catalog_ = make_catalog(pool_, share_);
    }
    void TearDown() override { fs::remove_all(top_); }

    template <class T>
    T wait(task<T> work) {
        asio::io_context io;
        std::optional<T> result;
        asio::co_spawn(io, std::move(work), [&](std::exception_ptr failure, T value) {
            if (failure) std::rethrow_exception(failure);
            result.emplace(std::move(value));
        });
        io.run();
        return std::move(*result);
    }
    void write(fs::path const& path, std::string const& text) const {
        fs::create_directories((share_ / path).parent_path());
        std::ofstream(share_ / path, std::ios::binary) << text;
    }
    /// The files of test::sample_manifest().
    void write_sample(std::string const& folder) const {
        write(fs::path(folder) / "vm.xml", "<x>");
        write(fs::path(folder) / "d1.qcow2", "QFI.");
    }
    core::Manifest sample(std::string const& folder) const {
        auto manifest = test::sample_manifest();
        manifest.backup = folder;
        return manifest;
    }
    core::Backup found(std::string const& folder) {
        auto backup = wait(catalog_->find(folder));
        EXPECT_TRUE(backup) << folder;
        return backup ? *backup : core::Backup{};
    }

    fs::path top_, share_;
    std::string const attempt_ = "0a1b2c3d";
    std::string const landing_ = core::landing_folder("b", attempt_);
    BlockingPool pool_{2};
    std::unique_ptr<ports::Catalog> catalog_;
};

}  // namespace sb::catalog
