#include "daemon/core/condition.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>

using namespace sb;
using namespace sb::core;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

UtcTime const start{2'000'000'000s};
constexpr auto storage = ConditionKind::storage_unusable;
constexpr auto login = ConditionKind::cluster_login_refused;

std::vector<std::string> names(Conditions const& conditions) {
    std::vector<std::string> all;
    for (auto const& condition : conditions.all())
        all.push_back(std::string(info_of(condition.kind).name) + " " + condition.subject);
    return all;
}

}  // namespace

TEST(Conditions, RaisingOneAgainKeepsSinceWhenAndTakesTheNewestReason) {
    Conditions conditions;
    auto const raised = conditions.raise(storage, {}, "not mounted", start);
    ASSERT_TRUE(raised);
    EXPECT_EQ(*raised, (Condition{storage, "", start, start, "not mounted"}));
    EXPECT_FALSE(conditions.raise(storage, {}, "read-only", start + 1h));
    EXPECT_THAT(conditions.all(), ElementsAre(Condition{storage, "", start, start + 1h, "read-only"}));
}

TEST(Conditions, AClearedOneIsGoneAndRaisedAgainItIsNew) {
    Conditions conditions;
    EXPECT_FALSE(conditions.clear(storage));
    conditions.raise(storage, {}, "not mounted", start);
    auto const cleared = conditions.clear(storage);
    ASSERT_TRUE(cleared);
    EXPECT_EQ(cleared->since, start);
    EXPECT_THAT(conditions.all(), IsEmpty());
    ASSERT_TRUE(conditions.raise(storage, {}, "not mounted", start + 1h));
    EXPECT_EQ(conditions.find(storage)->since, start + 1h);
}

TEST(Conditions, SubjectsOfOneKindStandIndependently) {
    Conditions conditions;
    conditions.raise(storage, "/b", "b", start);
    conditions.raise(storage, "/a", "a", start + 1h);
    EXPECT_FALSE(conditions.clear(storage)) << "without a subject: another one";
    EXPECT_TRUE(conditions.clear(storage, "/b"));
    EXPECT_FALSE(conditions.find(storage, "/b"));
    EXPECT_EQ(conditions.find(storage, "/a")->reason, "a");
}

TEST(Conditions, TheirOrderDoesNotDependOnTheOrderOfRaising) {
    Conditions conditions;
    conditions.raise(ConditionKind::journal_unwritable, {}, "", start);
    conditions.raise(storage, "/b", "", start + 1h);
    conditions.raise(login, {}, "", start + 2h);
    conditions.raise(storage, "/a", "", start + 3h);
    auto const order = names(conditions);
    EXPECT_THAT(order, ElementsAre("storage_unusable /a", "storage_unusable /b", "cluster_login_refused ",
                                   "journal_unwritable "));
    conditions.raise(ConditionKind::journal_unwritable, {}, "", start + 4h);
    EXPECT_EQ(names(conditions), order);
}

TEST(Conditions, AClockThatWasAheadDoesNotLeaveOneInTheFuture) {
    Conditions conditions;
    conditions.raise(storage, {}, "", start + 24h * 1000);
    conditions.raise(storage, {}, "", start);
    EXPECT_EQ(conditions.find(storage)->since, start);
    EXPECT_EQ(conditions.find(storage)->confirmed, start);
}

TEST(Conditions, ThoseOfTheLastRunStandUntilTheyAreClearedAndKeepSinceWhen) {
    Condition const recorded{storage, "", start, start + 1h, "not mounted"};
    Conditions conditions;
    conditions.restore({recorded});
    EXPECT_THAT(conditions.all(), ElementsAre(recorded));
    EXPECT_FALSE(conditions.raise(storage, {}, "still not mounted", start + 5h)) << "it is not new";
    EXPECT_EQ(conditions.find(storage)->since, start);

    Conditions raised_before;
    raised_before.raise(storage, {}, "now", start + 5h);
    raised_before.restore({recorded});
    EXPECT_THAT(raised_before.all(), ElementsAre(Condition{storage, "", start, start + 5h, "now"}));
}

TEST(Conditions, TheirNumberIsLimitedAndOneSaysThatSomeAreOmitted) {
    Conditions conditions;
    std::vector<Condition> recorded;
    for (std::size_t i = 0; i < 3 * Conditions::max_with_subject; ++i)
        recorded.push_back({storage, std::to_string(i), start, start, ""});
    conditions.restore(recorded);
    EXPECT_EQ(conditions.all().size(), Conditions::max_with_subject);

    auto const omitted = conditions.raise(storage, "one more", "", start);
    ASSERT_TRUE(omitted);
    EXPECT_EQ(omitted->kind, ConditionKind::conditions_omitted);
    EXPECT_FALSE(conditions.raise(storage, "another one", "", start));
    EXPECT_EQ(conditions.all().size(), Conditions::max_with_subject + 1);
    EXPECT_TRUE(conditions.raise(login, {}, "", start)) << "one without a subject always has room";

    ASSERT_TRUE(conditions.clear(storage, "0"));
    EXPECT_FALSE(conditions.find(ConditionKind::conditions_omitted));
    EXPECT_EQ(conditions.raise(storage, "one more", "", start)->kind, storage);
}

TEST(Conditions, ALongReasonIsCutAtACharacter) {
    Conditions conditions;
    std::string reason = "x";
    while (reason.size() <= 2 * Conditions::max_reason_bytes) reason += "ö";
    conditions.raise(storage, {}, reason, start);
    auto const kept = conditions.find(storage)->reason;
    EXPECT_EQ(kept.size(), Conditions::max_reason_bytes - 1);
    EXPECT_TRUE(reason.starts_with(kept));
}

TEST(ConditionTable, HasOneRowForEachKindInTheirOrderErrorsFirst) {
    auto const table = condition_table();
    auto previous = Severity::error;
    std::set<std::string_view> names_seen;
    for (std::size_t i = 0; i < table.size(); ++i) {
        auto const& row = table[i];
        EXPECT_EQ(static_cast<std::size_t>(row.kind), i) << row.name;
        EXPECT_EQ(&info_of(row.kind), &row);
        EXPECT_EQ(condition_kind_from_name(row.name), row.kind);
        EXPECT_TRUE(names_seen.insert(row.name).second) << row.name;
        EXPECT_FALSE(row.summary.empty()) << row.name;
        EXPECT_FALSE(row.remedy.empty()) << row.name;
        EXPECT_LE(previous, row.severity) << row.name << ": errors come first";
        previous = row.severity;
    }
    EXPECT_EQ(info_of(ConditionKind::conditions_omitted).name, table.back().name) << "a kind has no row";
    EXPECT_FALSE(condition_kind_from_name("no such kind"));
}

TEST(ConditionTable, IsInTheReferenceOfTheProtocol) {
    std::ifstream file(std::string(SB_DOCS) + "/json-rpc.md");
    std::string const page{std::istreambuf_iterator<char>(file), {}};
    for (auto const& row : condition_table()) {
        auto const line = "| `" + std::string(row.name) + "` | " + std::string(name_of(row.severity)) + " | " +
                          std::string(row.summary) + " |";
        EXPECT_NE(page.find(line), std::string::npos) << "docs/json-rpc.md lacks: " << line;
    }
}
