// Output for scripts: --json is one document that any parser accepts, with the documented fields.

#include "tests/e2e/fixture.hpp"

namespace sb::test {
namespace {

// Checked with Python's parser and its datetime. TIME_FIELDS must be RFC 3339 with an offset, or null.
constexpr char const* check_script = R"py(
import json, re, sys
fields, times = sys.argv[1].split(","), sys.argv[2].split(",") if sys.argv[2] else []
document = json.load(sys.stdin)
for entry in document if isinstance(document, list) else [document]:
    missing = [f for f in fields if f not in entry]
    assert not missing, "missing: %s" % missing
    for t in times:
        assert entry[t] is None or re.fullmatch(
            r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", entry[t]), entry[t]
print(len(document))
)py";

Finished judged(std::string const& output, std::string const& fields, std::string const& times = "") {
    return run({.argv = {"python3", "-c", check_script, fields, times}, .input = output});
}

TEST(JsonOutput, HasTheDocumentedFields) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    fixture.rename_vm(fixture.daemon.ctl_json({"show-vms"}).root().at(0)["name"].text(), "Büro \"1\" \\ web/front");
    auto const made = fixture.daemon.ctl({"--json", "backup", "Büro \"1\" \\ web/front", "2026 \"quoted\""});
    auto const failed = fixture.daemon.ctl({"--json", "backup", "Büro \"1\" \\ web/front", "a*b"});
    EXPECT_NE(failed.code, 0);

    auto const vms = fixture.daemon.ctl({"--json", "show-vms"});
    auto const checked_vms = judged(vms.out, "uuid,name,tags,state,disks,eligible");
    EXPECT_EQ(checked_vms.out, "3\n") << checked_vms.err << vms.out;

    auto const jobs = fixture.daemon.ctl({"--json", "jobs"});
    auto const checked_jobs =
        judged(jobs.out, "id,kind,vm,vm_uuid,backup,folder,state,phase,percent,task_tag,error,queued,started,finished",
               "queued,started,finished");
    EXPECT_EQ(checked_jobs.code, 0) << checked_jobs.err << jobs.out;

    auto const status = fixture.daemon.ctl({"--json", "status"});
    auto const checked_status =
        judged(status.out,
               "version,pid,uptime_seconds,cluster,window,paused,jobs,last_success,behind,backups,storage,"
               "conditions",
               "last_success");
    EXPECT_EQ(checked_status.code, 0) << checked_status.err << status.out;

    auto const version = fixture.daemon.ctl({"--json", "version"});
    EXPECT_EQ(judged(version.out, "version").code, 0) << version.out;

    if (made.code == 0) {
        auto const backups = fixture.daemon.ctl({"--json", "show-backups"});
        auto const checked = judged(
            backups.out, "name,folder,vm,vm_uuid,state,scheduled,protected,started,completed,size_bytes,verified",
            "started,completed");
        EXPECT_EQ(checked.out, "1\n") << checked.err << backups.out;
    }
}

TEST(JsonOutput, ShowVmsWithoutItPrintsBareSortedNames) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    std::vector<std::string> names;
    auto const document = fixture.daemon.ctl_json({"show-vms"});
    for (auto const& vm : document.root().elements()) names.push_back(vm["name"].text());
    std::ranges::sort(names);
    std::string expected;
    for (auto const& name : names) expected += name + "\n";
    EXPECT_EQ(fixture.daemon.ctl({"show-vms"}).out, expected);
}

TEST(JsonOutput, WatchPrintsOneObjectPerLine) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.simulator = {.options = {"--export-seconds", "1"}}});
    auto const listed = fixture.daemon.ctl({"show-vms"}).out;
    auto const id = fixture.detach({"backup", listed.substr(0, listed.find('\n')), "watched"});
    auto const watched = fixture.daemon.ctl({"--json", "watch", id});
    EXPECT_EQ(watched.code, 0) << watched.err;
    std::size_t lines = 0;
    std::string last;
    for (std::size_t begin = 0; begin < watched.out.size(); ++lines) {
        auto const end = watched.out.find('\n', begin);
        ASSERT_NE(end, std::string::npos);
        last = watched.out.substr(begin, end - begin);
        EXPECT_EQ(judged(last, "id,state,phase,percent").code, 0) << last;
        begin = end + 1;
    }
    EXPECT_GE(lines, 2U) << watched.out;
    EXPECT_NE(last.find("succeeded"), std::string::npos) << last;
}

TEST(JsonOutput, PipesGetNoControlSequences) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    auto const listed = fixture.daemon.ctl({"show-vms"}).out;
    auto const backup = fixture.daemon.ctl({"backup", listed.substr(0, listed.find('\n')), "plain"});
    EXPECT_EQ((backup.out + backup.err).find('\x1b'), std::string::npos);
    EXPECT_EQ((backup.out + backup.err).find('\r'), std::string::npos);
}

}  // namespace
}  // namespace sb::test
