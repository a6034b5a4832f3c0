#include "daemon/engine/leases.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <utility>

namespace sb::engine {
namespace {

TEST(LeasesOfBackups, ManyShareABackupAndNoneDeletesItMeanwhile) {
    Leases leases;
    auto restore = leases.share("nightly");
    auto verification = leases.share("nightly");
    ASSERT_TRUE(restore && verification);
    EXPECT_TRUE(leases.is_in_use("nightly"));
    EXPECT_FALSE(leases.take("nightly"));
    restore.reset();
    EXPECT_FALSE(leases.take("nightly")) << "the other one still reads it";
    verification.reset();
    EXPECT_FALSE(leases.is_in_use("nightly"));
    EXPECT_TRUE(leases.take("nightly"));
}

TEST(LeasesOfBackups, WhatIsBeingDeletedIsNotUsed) {
    Leases leases;
    auto deletion = leases.take("nightly");
    ASSERT_TRUE(deletion);
    EXPECT_TRUE(leases.is_in_use("nightly"));
    EXPECT_FALSE(leases.share("nightly"));
    EXPECT_FALSE(leases.take("nightly")) << "nor deleted by two";
    EXPECT_TRUE(leases.share("another"));
    deletion.reset();
    EXPECT_TRUE(leases.share("nightly"));
}

TEST(LeasesOfBackups, NamesAreComparedWithoutCase) {
    Leases leases;
    auto const restore = leases.share("Größe");
    EXPECT_FALSE(leases.take("GRÖßE"));
    EXPECT_TRUE(leases.is_in_use("größe"));
}

TEST(LeasesOfBackups, ALeaseEndsOnceHoweverItIsMoved) {
    Leases leases;
    auto first = leases.share("nightly");
    auto second = leases.share("nightly");
    auto moved = std::move(*first);
    first.reset();
    EXPECT_FALSE(leases.take("nightly"));
    std::optional<Leases::Lease> kept(std::move(moved));
    second.reset();
    EXPECT_FALSE(leases.take("nightly"));
    kept.reset();
    EXPECT_TRUE(leases.take("nightly"));
    auto one = leases.share("a");
    auto other = leases.share("b");
    one = std::move(other);
    EXPECT_FALSE(leases.is_in_use("a")) << "the lease that is replaced ends";
    EXPECT_TRUE(leases.is_in_use("b"));
}

TEST(LeasesOfBackups, ALeaseMayOutliveThem) {
    auto leases = std::make_unique<Leases>();
    auto lease = leases->share("nightly");
    leases.reset();
    EXPECT_NO_THROW(lease.reset());
}

}  // namespace
}  // namespace sb::engine
