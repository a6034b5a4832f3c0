#include "tests/e2e/service_fixture.hpp"

#include <grp.h>
#include <pwd.h>

#include <stdexcept>

namespace sb::test {
namespace fs = std::filesystem;
namespace {

/// The lines for smb.conf from the document.
std::string documented_share() {
    if (!ServiceFixture::has_own_users()) return "";
    return "  valid users = " + std::string(ServiceFixture::share_user) +
           "\n  force group = " + ServiceFixture::group() +
           "\n  create mask = 0660\n  force create mode = 0660\n  directory mask = 2770\n  force directory mode = "
           "2770\n";
}

}  // namespace

ServiceFixture::ServiceFixture(ServiceSettings const& settings)
    : fixture({.samba = {.unix_user = has_own_users() ? share_user : "",
                         .share_lines = settings.share_lines.value_or(documented_share())},
               .simulator = {.options = settings.simulator_options},
               .start_daemon = false}) {
    for (auto const& folder : {fixture.share().parent_path(), fixture.dir.path()})
        fs::permissions(folder, fs::perms{0711});
    // The build tree may be accessible only to its owner.
    for (auto const* name : {"scale-backupd", "scale-backupctl"})
        fs::copy_file(built_program(name), fixture.dir / name);
    for (auto const* name : {"run", "state", "etc"}) fs::create_directory(fixture.dir / name);
    give(fixture.dir / "run", uid(), 0755);
    give(state_dir(), uid(), 0700);
    give(fixture.dir / "etc", ::geteuid(), 0750);
    give(fixture.share(), uid(), static_cast<unsigned>(settings.share_mode));
    fixture.daemon.settings.more = settings.schedule;
    write_file(config(), config_text(fixture.daemon.settings));
    give(config(), ::geteuid(), 0640);
}

std::string ServiceFixture::missing() {
    if (!has_own_users()) return "";
    if (!find_program("setpriv")) return "setpriv";
    for (auto const* user : {service_user, share_user})
        if (::getpwnam(user) == nullptr) return std::string("the user ") + user;
    return "";
}

uid_t ServiceFixture::uid() { return has_own_users() ? ::getpwnam(service_user)->pw_uid : ::geteuid(); }
gid_t ServiceFixture::gid() { return has_own_users() ? ::getpwnam(service_user)->pw_gid : ::getegid(); }
std::string ServiceFixture::group() { return ::getgrgid(gid())->gr_name; }

void ServiceFixture::give(fs::path const& path, uid_t owner, unsigned mode) {
    if (::chown(path.c_str(), owner, gid()) != 0 || ::chmod(path.c_str(), mode) != 0)
        throw std::runtime_error(path.string());
}

std::vector<std::string> ServiceFixture::as_service(std::vector<std::string> const& options) const {
    // The unit has UMask=0027.
    std::vector<std::string> argv{"sh", "-c", "umask 0027; exec \"$@\"", "sh"};
    if (has_own_users())
        argv.insert(argv.end(),
                    {"setpriv", "--reuid", service_user, "--regid", group(), "--clear-groups", "--no-new-privs"});
    argv.insert(argv.end(), {(fixture.dir / "scale-backupd").string(), "--config", config().string(), "--socket",
                             socket().string(), "--state-dir", state_dir().string()});
    argv.insert(argv.end(), options.begin(), options.end());
    return argv;
}

void ServiceFixture::start() {
    process = std::make_unique<Process>(Command{.argv = as_service({})});
    ASSERT_TRUE(wait_until([&] { return ctl({"jobs"}).code == 0 || !process->running(); }));
    ASSERT_TRUE(process->running()) << process->err();
}

Finished ServiceFixture::ctl(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {built_program("scale-backupctl"), "--socket", socket().string()});
    return run({.argv = arguments}, std::chrono::seconds{60});
}

json::Document ServiceFixture::ctl_json(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "--json");
    return json::Document::parse(ctl(arguments).out).value();
}

Finished ServiceFixture::ctl_of_member(gid_t of, std::vector<std::string> const& arguments) const {
    std::vector<std::string> argv{"setpriv",
                                  "--reuid",
                                  "54321",
                                  "--regid",
                                  "54321",
                                  "--groups",
                                  std::to_string(of),
                                  (fixture.dir / "scale-backupctl").string(),
                                  "--socket",
                                  socket().string()};
    argv.insert(argv.end(), arguments.begin(), arguments.end());
    return run({.argv = argv});
}

std::vector<std::string> ServiceFixture::scheduled() const {
    std::vector<std::string> names;
    auto const backups = ctl_json({"show-backups"});
    for (auto const& backup : backups.root().elements())
        if (backup["scheduled"].boolean() == true && backup["state"].text() == "complete")
            names.push_back(backup["name"].text());
    return names;
}

std::string ServiceFixture::some_vm() const {
    auto const names = ctl({"show-vms"}).out;
    return names.substr(0, names.find('\n'));
}

struct ::stat file_status_of(fs::path const& path) {
    struct ::stat status {};
    if (::lstat(path.c_str(), &status) != 0) throw std::runtime_error("there is no " + path.string());
    return status;
}

}  // namespace sb::test
