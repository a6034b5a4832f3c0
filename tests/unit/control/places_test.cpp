#include "daemon/control/places.hpp"

#include <gmock/gmock.h>

namespace sb::control {
namespace {

using testing::HasSubstr;
using TimePoint = std::chrono::steady_clock::time_point;

Place idle(Rank rank, std::uint32_t uid, int since) { return {rank, uid, TimePoint(std::chrono::seconds(since))}; }
Place busy(Rank rank, std::uint32_t uid) { return {rank, uid}; }

PlaceLimits limits_of(std::size_t all, std::size_t of_one_reader) {
    PlaceLimits limits;
    limits.all = all;
    limits.of_one_reader = of_one_reader;
    return limits;
}

TEST(Places, AReaderWithManyConnectionsPaysWithItsOwn) {
    std::vector<Place> const taken{idle(Rank::root, 0, 1), idle(Rank::reader, 8, 2), idle(Rank::reader, 7, 4),
                                   idle(Rank::reader, 7, 3)};
    auto const admission = admit(taken, busy(Rank::reader, 7), limits_of(100, 2));
    EXPECT_TRUE(admission.is_admitted);
    EXPECT_EQ(admission.displaced, 3U) << "not the idlest of all, which is root's";
}

TEST(Places, AReaderWhoseConnectionsAreAllBusyIsRefused) {
    std::vector<Place> const taken{busy(Rank::reader, 7), busy(Rank::reader, 7), idle(Rank::reader, 8, 1)};
    auto const admission = admit(taken, busy(Rank::reader, 7), limits_of(100, 2));
    EXPECT_FALSE(admission.is_admitted);
    EXPECT_THAT(admission.refusal, HasSubstr("this user has 2 busy connections"));
    EXPECT_TRUE(admit(taken, busy(Rank::reader, 9), limits_of(100, 2)).is_admitted);
}

TEST(Places, ReadersTogetherLeaveAQuarterToThoseWhoMayChangeSomething) {
    std::vector<Place> taken;
    for (std::uint32_t uid = 1; uid <= 12; ++uid) taken.push_back(idle(Rank::reader, uid, 1));
    EXPECT_FALSE(admit(taken, busy(Rank::reader, 50), limits_of(16, 4)).is_admitted);
    auto const own = admit(taken, busy(Rank::reader, 3), limits_of(16, 4));
    EXPECT_EQ(own.displaced, 2U);
    auto const admin = admit(taken, busy(Rank::admin, 60), limits_of(16, 4));
    EXPECT_TRUE(admin.is_admitted);
    EXPECT_EQ(admin.displaced, std::nullopt);
}

TEST(Places, AnAdministratorTakesAnIdlePlaceOfAReaderFirst) {
    std::vector<Place> const taken{idle(Rank::root, 0, 1), idle(Rank::admin, 5, 2), idle(Rank::reader, 7, 9)};
    EXPECT_EQ(admit(taken, busy(Rank::admin, 6), limits_of(3, 2)).displaced, 2U);
    std::vector<Place> const without{idle(Rank::root, 0, 1), idle(Rank::admin, 5, 2)};
    EXPECT_EQ(admit(without, busy(Rank::admin, 6), limits_of(2, 2)).displaced, 1U) << "root's is root's to give";
    EXPECT_EQ(admit(without, busy(Rank::root, 0), limits_of(2, 2)).displaced, 0U);
}

TEST(Places, SomeAreForRootAlone) {
    std::vector<Place> taken;
    for (int i = 0; i < 15; ++i) taken.push_back(busy(Rank::admin, 5));
    EXPECT_FALSE(admit(taken, busy(Rank::admin, 6), limits_of(16, 4)).is_admitted);
    EXPECT_TRUE(admit(taken, busy(Rank::root, 0), limits_of(16, 4)).is_admitted);
}

TEST(Places, OneAdministratorDoesNotTakeAll) {
    PlaceLimits limits;
    std::vector<Place> const taken(limits.of_one_admin, busy(Rank::admin, 5));
    EXPECT_FALSE(admit(taken, busy(Rank::admin, 5), limits).is_admitted);
    EXPECT_TRUE(admit(taken, busy(Rank::admin, 6), limits).is_admitted);
}

}  // namespace
}  // namespace sb::control
