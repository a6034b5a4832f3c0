#pragma once
// The trash on a manual clock, with a share and a journal in memory.

#include "daemon/engine/trash.hpp"
#include "tests/simulation/fake_store.hpp"
#include "tests/support/manual_time.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace sb::test {

using namespace std::chrono_literals;

struct TrashTest : ::testing::Test {
    static constexpr std::uint64_t gib = 1ull << 30;

    asio::io_context io{1};
    ManualTime time{io};
    FakeCatalog catalog;
    FakeJournal journal;
    Milliseconds undelete_for{24h};
    bool clock_in_doubt = false;
    std::string objection;  ///< to deleting
    std::unique_ptr<engine::Trash> trash;

    void SetUp() override {
        catalog.mark = "the share";
        journal.facts["storage_mark"] = "the share";
        journal.facts["installation"] = "mine";
        start();
    }
    engine::Trash::Dependencies dependencies() {
        return {catalog,
                journal,
                time,
                [this] { return undelete_for; },
                [this] { return clock_in_doubt; },
                [this] { return object(); }};
    }
    void start() {
        trash = std::make_unique<engine::Trash>(dependencies());
        ASSERT_TRUE(get(trash->load()));
    }
    task<std::string> object() { co_return objection; }
    /// Runs a call, with the time that it needs.
    template <class T>
    T get(task<T> call) {
        std::optional<T> answer;
        asio::co_spawn(io, std::move(call), [&answer](std::exception_ptr failure, T value) {
            if (failure) std::rethrow_exception(failure);
            answer = std::move(value);
        });
        time.run_until_done([&] { return answer.has_value(); }, 1h);
        if (!answer) throw std::runtime_error("the call has not returned");
        return std::move(*answer);
    }
    core::Backup make(std::string const& name, std::uint64_t bytes = gib) {
        catalog.folders.insert(name);
        catalog.manifests[name].backup = name;
        catalog.manifests[name].vm_uuid = VmUuid("vm-1");
        catalog.manifests[name].vm_name = "FILE01";
        catalog.manifests[name].cluster_uuid = "cluster-1";
        catalog.size[name] = bytes;
        return get(catalog.find(name)).value();
    }
    Result<ports::Removal> remove(std::string const& name, bool immediately = false) {
        auto backup = get(catalog.find(name)).value();
        return get(trash->remove(std::move(backup), "asked for by root", immediately));
    }
    void make_and_remove(std::string const& name, std::uint64_t bytes = gib) {
        make(name, bytes);
        ASSERT_TRUE(remove(name));
        time.run_for(1min);
    }
    std::vector<std::string> waiting() const {
        std::vector<std::string> names;
        for (auto const& row : trash->entries()) names.push_back(row.backup);
        return names;
    }
};

}  // namespace sb::test
