// One folder that does not answer does not hold up the others, and takes one thread.
#include "daemon/catalog/folder_listing.hpp"

#include "tests/unit/catalog/catalog_fixture.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

using namespace sb;
using testing::HasSubstr;

namespace sb::catalog {
namespace {

using Listed = Result<std::vector<core::Backup>>;

/// A clock that only the test moves, and folders that hang until the test releases them.
struct HangingFolders {
    std::atomic<int> seconds{0};
    std::shared_ptr<FolderReads> reads = std::make_shared<FolderReads>(
        [this] { return std::chrono::steady_clock::time_point(std::chrono::seconds(seconds.load())); });
    FolderListing listing{reads};
    std::vector<std::string> names{"a", "b", "c", "d", "e", "f", "g"};

    ~HangingFolders() {
        release_all();
        // A thread that was released ends soon.
        while (reads->is_busy()) std::this_thread::yield();
    }

    struct Gate {
        std::promise<void> entered, released;
        std::shared_future<void> release{released.get_future()};
    };
    void hang(std::string const& name) { gates[name] = std::make_shared<Gate>(); }
    void await(std::string const& name) { gates.at(name)->entered.get_future().wait(); }
    void release(std::string const& name) {
        gates.at(name)->released.set_value();
        gates.erase(name);
    }
    void release_all() {
        for (auto const& [name, gate] : gates) gate->released.set_value();
        gates.clear();
    }
    std::future<Listed> start() {
        auto read = [this, gates = gates,
                     strays = strays](std::string const& name) -> Result<std::optional<core::Backup>> {
            ++times_read[name];
            if (auto const gate = gates.find(name); gate != gates.end()) {
                gate->second->entered.set_value();
                gate->second->release.wait();
            }
            if (strays.contains(name)) return std::optional<core::Backup>();
            core::Backup backup;
            backup.name = name;
            backup.folder = name;
            backup.state = core::BackupState::complete;
            backup.size_bytes = 7;
            return std::optional(std::move(backup));
        };
        return std::async(std::launch::async, [this, read] { return listing.list(names, read); });
    }
    Listed list() { return start().get(); }
    /// Lists while these folders do not answer.
    Listed list_with(std::vector<std::string> const& hanging) {
        for (auto const& name : hanging) hang(name);
        auto listed = start();
        for (auto const& name : hanging) {
            await(name);
            seconds += 9;
        }
        return listed.get();
    }

    std::map<std::string, std::shared_ptr<Gate>> gates;
    std::map<std::string, std::atomic<int>> times_read{};
    std::set<std::string> strays;  ///< folders that are no backups
};

std::vector<std::string> unverified_in(Listed const& listed) {
    std::vector<std::string> names;
    for (auto const& backup : listed.value())
        if (backup.state == core::BackupState::unverified) names.push_back(backup.name);
    return names;
}

}  // namespace

TEST(FolderListing, ListsTheOthersWhileOneFolderDoesNotAnswer) {
    HangingFolders folders;
    auto const listed = folders.list_with({"c"});
    ASSERT_TRUE(listed);
    EXPECT_EQ(listed->size(), 7u);
    EXPECT_EQ(unverified_in(listed), std::vector<std::string>{"c"});
    EXPECT_THAT((*listed)[2].problem, HasSubstr("it does not answer: reading it has not returned since"));
    ASSERT_EQ(folders.reads->unanswered().size(), 1u);
    EXPECT_EQ(folders.reads->unanswered().front().folder, "c");
}

TEST(FolderListing, AFolderThatIsKnownNotToAnswerTakesNoFurtherThreadAndNoTime) {
    HangingFolders folders;
    ASSERT_TRUE(folders.list_with({"c"}));
    auto const again = folders.list();
    ASSERT_TRUE(again);
    EXPECT_EQ(unverified_in(again), std::vector<std::string>{"c"});
    EXPECT_EQ(folders.times_read["c"], 1);
    EXPECT_EQ(folders.times_read["d"], 2);
}

TEST(FolderListing, AFolderThatAnswersAgainIsRead) {
    HangingFolders folders;
    ASSERT_TRUE(folders.list_with({"c"}));
    folders.release("c");
    while (folders.reads->is_busy()) std::this_thread::yield();
    auto const listed = folders.list();
    ASSERT_TRUE(listed);
    EXPECT_TRUE(unverified_in(listed).empty());
}

TEST(FolderListing, WhatTheLastListingKnewOfAFolderThatHangsIsKeptButItIsNoGoodCopy) {
    HangingFolders folders;
    ASSERT_TRUE(folders.list());
    for (int round = 0; round < 2; ++round) {
        auto const listed = round == 0 ? folders.list_with({"c"}) : folders.list();
        ASSERT_TRUE(listed);
        EXPECT_EQ((*listed)[2].size_bytes, 7u);
        EXPECT_EQ((*listed)[2].state, core::BackupState::unverified);
        EXPECT_THAT((*listed)[2].problem, HasSubstr("when it was last read, it was complete")) << round;
    }
}

TEST(FolderListing, AFolderThatWasNoBackupIsNoneWhileItHangs) {
    HangingFolders folders;
    folders.strays = {"c"};
    ASSERT_EQ(folders.list().value().size(), 6u);
    ASSERT_EQ(folders.list_with({"c"}).value().size(), 6u);
    EXPECT_EQ(folders.list().value().size(), 6u) << "however often it is listed";
    folders.listing.forget("c");
    auto const listed = folders.list();
    EXPECT_EQ(unverified_in(listed), std::vector<std::string>{"c"}) << "a backup got its name";
    folders.release("c");
    while (folders.reads->is_busy()) std::this_thread::yield();
    folders.strays.clear();
    EXPECT_EQ(folders.list().value().size(), 7u);
}

TEST(FolderListing, AFolderThatWasNoBackupIsForgottenOnceItIsGone) {
    HangingFolders folders;
    folders.strays = {"c"};
    ASSERT_TRUE(folders.list());
    folders.names = {"a", "b"};
    ASSERT_TRUE(folders.list());
    folders.names = {"a", "b", "c"};
    EXPECT_EQ(unverified_in(folders.list_with({"c"})), std::vector<std::string>{"c"}) << "it may be another one";
}

TEST(FolderListing, OnlySoManyThatAreNoBackupsAreRemembered) {
    HangingFolders folders;
    folders.names.clear();
    for (std::size_t i = 0; i <= FolderListing::most_strays; ++i)
        folders.names.push_back("stray " + std::to_string(100'000 + i));
    folders.strays = {folders.names.begin(), folders.names.end()};
    ASSERT_EQ(folders.list().value().size(), 0u);
    auto const first = folders.names.front(), last = folders.names.back();
    EXPECT_EQ(unverified_in(folders.list_with({first, last})), std::vector<std::string>{last});
}

TEST(FolderListing, FourMayHangAndAFifthRefusesTheListingWithTheirNames) {
    HangingFolders folders;
    auto const with_four = folders.list_with({"a", "c", "d", "g"});
    ASSERT_TRUE(with_four);
    EXPECT_EQ(unverified_in(with_four), (std::vector<std::string>{"a", "c", "d", "g"}));
    auto const with_five = folders.list_with({"f"});
    ASSERT_FALSE(with_five);
    EXPECT_EQ(with_five.error().code, Errc::io);
    EXPECT_THAT(with_five.error().context, HasSubstr("5 folders do not answer: 'a' (since "));
    EXPECT_THAT(with_five.error().context, HasSubstr("'f' (since "));
    auto const again = folders.list();
    EXPECT_FALSE(again);
    EXPECT_EQ(folders.times_read["b"], 2) << "nothing is read then";
}

TEST(FolderListing, AnExceptionInAReadIsAnErrorOfTheListing) {
    auto const reads = std::make_shared<FolderReads>();
    FolderListing listing(reads);
    auto const listed = listing.list(
        {"a"}, [](std::string const&) -> Result<std::optional<core::Backup>> { throw std::runtime_error("a bug"); });
    ASSERT_FALSE(listed);
    EXPECT_EQ(listed.error().code, Errc::internal);
}

/// The same through the catalogue: what hangs is neither restored nor changed, and everything else works.
struct HangingBackup : Catalog {
    int seconds = 0;
    std::shared_ptr<FolderReads> reads = std::make_shared<FolderReads>(
        [this] { return std::chrono::steady_clock::time_point(std::chrono::seconds(seconds)); });
    std::unique_ptr<ports::Catalog> watched;
    std::optional<FolderReads::Reading> hanging;

    void SetUp() override {
        Catalog::SetUp();
        watched = make_catalog(CatalogThreads{pool_, pool_}, share_, std::make_shared<std::mutex>(), reads);
        for (auto const* name : {"bad", "good"}) {
            write_sample(name);
            auto manifest = sample(name);
            manifest.is_protected = false;
            ASSERT_TRUE(wait(watched->write_manifest(name, manifest)));
        }
        ASSERT_EQ(wait(watched->list()).value().size(), 2u);
        hanging.emplace(reads, "bad");
        seconds = 9;
    }
};

TEST_F(HangingBackup, IsListedButNeitherFoundNorChangedNorDeleted) {
    auto const listed = wait(watched->list());
    ASSERT_TRUE(listed);
    ASSERT_EQ(listed->size(), 2u);
    EXPECT_EQ(listed->front().state, BackupState::unverified);
    EXPECT_TRUE(listed->front().manifest) << "as the last listing read it";
    EXPECT_EQ(listed->back().state, BackupState::complete);
    auto const refused = [](auto const& outcome) { return !outcome && outcome.error().code == Errc::io; };
    EXPECT_TRUE(refused(wait(watched->find("bad"))));
    EXPECT_TRUE(refused(wait(watched->check_readable("bad"))));
    EXPECT_TRUE(refused(wait(watched->file_states("bad"))));
    EXPECT_TRUE(refused(wait(watched->set_protected("bad", true))));
    EXPECT_TRUE(refused(wait(watched->accept("bad"))));
    EXPECT_TRUE(refused(wait(watched->move_to_trash("bad", "entry"))));
    EXPECT_TRUE(refused(wait(watched->remove("bad"))));
    EXPECT_TRUE(fs::exists(share_ / "bad" / core::manifest_file_name));
    EXPECT_TRUE(wait(watched->find("good")));
    EXPECT_TRUE(wait(watched->remove("good")));
}

TEST_F(HangingBackup, IsUsedAgainOnceItAnswers) {
    hanging.reset();
    EXPECT_TRUE(wait(watched->find("bad")));
    EXPECT_EQ(wait(watched->list()).value().front().state, BackupState::complete);
    EXPECT_TRUE(wait(watched->remove("bad")));
}

TEST_F(HangingBackup, AFolderOfARunningJobIsNotRefused) {
    EXPECT_TRUE(wait(watched->folder_stats("bad"))) << "no time limit may make an export fail";
    EXPECT_TRUE(wait(watched->exists("bad")));
}

}  // namespace sb::catalog
