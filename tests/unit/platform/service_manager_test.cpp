#include "daemon/platform/service_manager.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace sb::test {
namespace {

using platform::ServiceManager;

/// A datagram socket at a path, or in the abstract namespace for a name that begins with '@'.
class Receiver {
public:
    explicit Receiver(std::string const& name) : descriptor_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        name.copy(address.sun_path, sizeof address.sun_path - 1);
        if (name.front() == '@') address.sun_path[0] = '\0';
        auto const size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
        auto const* where = static_cast<sockaddr const*>(static_cast<void const*>(&address));
        EXPECT_EQ(::bind(descriptor_, where, size), 0) << name;
    }
    ~Receiver() { ::close(descriptor_); }
    std::string message() {
        char buffer[512];
        auto const size = ::recv(descriptor_, buffer, sizeof buffer, MSG_DONTWAIT);
        return size < 0 ? "nothing" : std::string(buffer, static_cast<std::size_t>(size));
    }

private:
    int descriptor_;
};

TEST(ServiceManagerMessages, AStatusIsOneLineWhateverItContains) {
    EXPECT_EQ(platform::ready_message("idle"), "READY=1\nSTATUS=idle");
    EXPECT_EQ(platform::status_message("a\nWATCHDOG=trigger"), "STATUS=a WATCHDOG=trigger");
    EXPECT_EQ(platform::stopping_message("bye"), "STOPPING=1\nSTATUS=bye");
}

TEST(ServiceManagerMessages, AReloadCarriesItsTimeInTheSameMessage) {
    EXPECT_EQ(platform::reloading_message(12345678), "RELOADING=1\nMONOTONIC_USEC=12345678");
}

TEST(ServiceManagerSocket, ReceivesAtAPathAndInTheAbstractNamespace) {
    std::string folder = "/tmp/sb-notify-XXXXXX";
    ASSERT_NE(::mkdtemp(folder.data()), nullptr);
    for (auto const& name : {folder + "/socket", "@" + folder}) {
        Receiver receiver(name);
        ServiceManager const manager(name);
        manager.ready("idle");
        EXPECT_EQ(receiver.message(), "READY=1\nSTATUS=idle") << name;
        manager.reloading();
        EXPECT_EQ(receiver.message().substr(0, 27), "RELOADING=1\nMONOTONIC_USEC=");
        manager.alive();
        EXPECT_EQ(receiver.message(), "WATCHDOG=1");
    }
    ::unlink((folder + "/socket").c_str());
    ::rmdir(folder.c_str());
}

TEST(ServiceManagerSocket, AMissingListenerIsHarmless) {
    ServiceManager const nobody("");
    EXPECT_FALSE(nobody.listens());
    nobody.ready("x");
    ServiceManager const gone("/nonexistent/socket");
    gone.ready("x");
    ServiceManager const too_long("/" + std::string(200, 'x'));
    too_long.ready("x");
}

TEST(ServiceManagerEnvironment, IsRemovedSoThatHooksDoNotSeeIt) {
    ::setenv("NOTIFY_SOCKET", "/run/notify", 1);
    ::setenv("WATCHDOG_USEC", "3000000", 1);
    ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
    auto const manager = ServiceManager::from_environment();
    EXPECT_TRUE(manager.listens());
    EXPECT_EQ(manager.watchdog(), Milliseconds{3000});
    EXPECT_EQ(std::getenv("NOTIFY_SOCKET"), nullptr);
    EXPECT_EQ(std::getenv("WATCHDOG_USEC"), nullptr);
}

TEST(ServiceManagerEnvironment, AWatchdogForAnotherProcessOrAnInvalidOneIsIgnored) {
    ::setenv("WATCHDOG_USEC", "3000000", 1);
    ::setenv("WATCHDOG_PID", "1", 1);
    EXPECT_EQ(ServiceManager::from_environment().watchdog(), std::nullopt);
    ::setenv("WATCHDOG_USEC", "soon", 1);
    EXPECT_EQ(ServiceManager::from_environment().watchdog(), std::nullopt);
}

}  // namespace
}  // namespace sb::test
