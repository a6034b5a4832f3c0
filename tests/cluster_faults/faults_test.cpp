// Every row of the table in every phase of a job: the result of the job, and the invariants.

#include "tests/e2e/fixture.hpp"
#include "tests/cluster_faults/fault_fixture.hpp"
#include "tests/cluster_faults/fault_rows.hpp"
#include "tests/cluster_faults/invariants.hpp"
#include "tests/cluster_faults/fault_count.hpp"

#include <algorithm>
#include <ostream>
#include <set>
#include <stdexcept>
#include <thread>

namespace sb::test {
namespace {

using Kind = End::Kind;

void expect_end(End const& expected, FaultFixture::Job const& job, std::string const& phase) {
    SCOPED_TRACE(phase + ": " + job.state + " " + job.error);
    switch (expected.kind) {
        case Kind::not_applicable: break;
        case Kind::succeeds: EXPECT_EQ(job.state, "succeeded"); break;
        case Kind::fails:
            EXPECT_EQ(job.state, "failed");
            EXPECT_NE(job.error.find(expected.text), std::string::npos) << expected.text;
            break;
        case Kind::lost:
            EXPECT_EQ(job.state, "lost");
            EXPECT_NE(job.error.find(expected.text), std::string::npos) << expected.text;
            break;
        case Kind::succeeds_or_lost: EXPECT_TRUE(job.state == "succeeded" || job.state == "lost"); break;
    }
}

class Fault {
public:
    explicit Fault(FaultRow const& row) : row_(row), fixture_({.limit = row.limit}) {
        // The backup to restore; it also makes the list of VMs current.
        base_ = fixture_.ended(fixture_.start({"backup", "VM-C", "base"}));
        EXPECT_EQ(base_.state, "succeeded");
    }

    void inject_in_every_phase() {
        auto const pid = fixture_.daemon.pid();
        if (row_.aim == Aim::call) in_parallel();
        else in_sequence();
        preparing();
        check_everything(pid);
        FaultCount::count(row_.name, ends_.size());
    }

private:
    std::string fault() const {
        auto text = row_.fault;
        auto const at = text.find("@BASE_TAG@");
        if (at != std::string::npos) text.replace(at, 10, base_.tag);
        return text;
    }
    /// Injects the fault into the node with our own call, right before the daemon needs it.
    void inject_into_node() {
        fixture_.add_fault(fault(), R"("call":"ping")", 1);
        try {
            (void)fixture_.simulator.get("/rest/v1/ping");
        } catch (std::exception const&) {  // the node is gone, as intended
        }
    }

    void run(std::string const& phase, End const& expected, std::string const& id) {
        if (expected.kind == Kind::not_applicable) return;
        auto const job = fixture_.ended(id);
        expect_end(expected, job, phase);
        ends_[phase] = job;
    }

    void in_parallel();
    void in_sequence();
    void preparing();
    void check_everything(pid_t pid);

    FaultRow const& row_;
    FaultFixture fixture_;
    FaultFixture::Job base_;
    std::map<std::string, FaultFixture::Job> ends_;
};

void Fault::in_parallel() {
    auto const vm = [this](std::string const& name) { return ",\"vm\":" + json_string(fixture_.uuids.at(name)); };
    std::string posting, following, importing;
    if (row_.posting.kind != Kind::not_applicable) {
        fixture_.add_fault(fault(), R"("call":"export")" + vm("VM-A"), row_.times);
        posting = fixture_.start({"backup", "VM-A", "posting"});
    }
    if (row_.following.kind != Kind::not_applicable) {
        fixture_.add_fault(fault(), R"("call":"task_get")" + vm("VM-B"), row_.times);
        following = fixture_.start({"backup", "VM-B", "following"});
    }
    if (row_.importing.kind != Kind::not_applicable) {
        fixture_.add_fault(fault(), R"("call":"task_get","vm":"IMPORTED")", row_.times);
        importing = fixture_.start({"restore", "base", "IMPORTED"});
    }
    run("posting", row_.posting, posting);
    run("following", row_.following, following);
    run("importing", row_.importing, importing);
    fixture_.clear_faults();
}

void Fault::in_sequence() {
    // Make the list of VMs current, so that the node gets the request first.
    EXPECT_EQ(fixture_.daemon.ctl({"show-vms"}).code, 0);
    inject_into_node();
    std::string refusal;
    auto const posting = fixture_.start({"backup", "VM-A", "posting"}, &refusal);
    if (posting.empty()) expect_end(row_.posting, ends_["posting"] = {"failed", refusal, ""}, "posting");
    else run("posting", row_.posting, posting);
    // A node that is still recovering would affect the next job too.
    ASSERT_TRUE(fixture_.wait_until_recovered());
    auto const following = fixture_.start({"backup", "VM-B", "following"});
    auto const importing = fixture_.start({"restore", "base", "IMPORTED"});
    auto const both_run = [&] { return !fixture_.job(following).tag.empty() && !fixture_.job(importing).tag.empty(); };
    ASSERT_TRUE(wait_until(both_run));
    inject_into_node();
    run("following", row_.following, following);
    run("importing", row_.importing, importing);
    fixture_.clear_faults();
}

void Fault::preparing() {
    if (row_.preparing.kind == Kind::not_applicable) return;
    fixture_.add_fault(fault(), R"("call":"vm_list")", row_.times);
    std::string refusal;
    auto const id = fixture_.start({"restore", "base", "PREPARED"}, &refusal);
    auto job = id.empty() ? FaultFixture::Job{"failed", refusal, ""} : fixture_.ended(id);
    expect_end(row_.preparing, job, "preparing");
    ends_["preparing"] = job;
    fixture_.clear_faults();
}

void Fault::check_everything(pid_t pid) {
    ASSERT_TRUE(fixture_.wait_until_recovered()) << "the fault has passed";
    expect_still_working(fixture_, pid);
    std::vector<std::string> whole{"base", "afterwards"};
    for (auto const* phase : {"posting", "following"})
        if (ends_.contains(phase) && ends_[phase].state == "succeeded") whole.emplace_back(phase);
    expect_only_complete_backups(fixture_, whole);
    expect_no_request_twice(fixture_, {{"VM-A", 1}, {"VM-B", 1}, {"VM-C", 1}, {"VM-D", 1}});
    expect_no_secret_in_log(fixture_);
}

/// Rows mostly wait, so a few of them run in parallel, each with its own cluster and daemon.
constexpr std::size_t parallel_rows = 6;

using Rows = std::vector<FaultRow const*>;

struct Group {
    Rows rows;
};

void PrintTo(Group const& group, std::ostream* out) { *out << group.rows.size() << " rows"; }

class Faults : public ::testing::TestWithParam<Group> {};

TEST_P(Faults, AreHandledInEveryPhase) {
    SB_NEEDS_CHECKERS();
    std::vector<std::thread> threads;
    for (auto const* row : GetParam().rows) {
        threads.emplace_back([row] {
            SCOPED_TRACE(row->name);
            try {
                Fault fault(*row);
                fault.inject_in_every_phase();
            } catch (std::exception const& failure) {
                ADD_FAILURE() << failure.what();
            }
        });
    }
    for (auto& thread : threads) thread.join();
}

std::vector<Group> groups_of(Rows const& rows) {
    std::vector<Group> groups;
    for (std::size_t at = 0; at < rows.size(); at += parallel_rows) {
        auto const begin = rows.begin() + static_cast<std::ptrdiff_t>(at);
        groups.push_back({Rows(begin, begin + static_cast<std::ptrdiff_t>(std::min(parallel_rows, rows.size() - at)))});
    }
    return groups;
}

/// In each run of the tests: a few of each kind.
Rows representatives() {
    std::set<std::string> const names{
        "Hang",      "LostAnswer",         "SlowDrip",    "TlsHangs",   "Reboot",
        "Upgrade",   "BadGatewayPage",     "Gzip",        "Oversize",   "InternalErrorAfterTheDeed",
        "EmptyBody", "SessionExpired401",  "NotFound",    "WrongTypes", "NegativeNumbers",
        "EmptyList", "StateOfUnknownWord", "TaskOfNobody"};
    Rows rows;
    for (auto const& row : fault_rows())
        if (names.contains(row.name)) rows.push_back(&row);
    if (rows.size() != names.size()) throw std::logic_error("the table has not all of these rows");
    return rows;
}

/// In `./run ci-full`.
Rows all_rows() {
    Rows rows;
    for (auto const& row : fault_rows()) rows.push_back(&row);
    return rows;
}

std::string name_of(::testing::TestParamInfo<Group> const& test) { return "From" + test.param.rows.front()->name; }

INSTANTIATE_TEST_SUITE_P(Cluster, Faults, ::testing::ValuesIn(groups_of(representatives())), name_of);
INSTANTIATE_TEST_SUITE_P(Every, Faults, ::testing::ValuesIn(groups_of(all_rows())), name_of);

TEST(FaultTable, HasFortyFaultsAndAHundredAndTwentyCombinations) {
    std::size_t combinations = 0;
    for (auto const& row : fault_rows())
        for (auto const* end : {&row.preparing, &row.posting, &row.following, &row.importing})
            if (end->kind != Kind::not_applicable) ++combinations;
    EXPECT_GE(fault_rows().size(), 40u);
    EXPECT_GE(combinations, 120u);
}

}  // namespace
}  // namespace sb::test
