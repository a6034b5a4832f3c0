#include "daemon/notify/helo_name.hpp"

#include <gtest/gtest.h>

namespace sb::notify {
namespace {

config::Smtp from(std::string address, std::string configured = "") {
    config::Smtp smtp;
    smtp.from = std::move(address);
    smtp.helo_name = std::move(configured);
    return smtp;
}

TEST(HeloName, IsTheMachinesFullNameElseTheDomainOfTheSender) {
    EXPECT_EQ(helo_name(from("backup@example.com"), "nas1.example.org"), "nas1.example.org");
    for (auto const* machine :
         {"nas1", "localhost", "localhost.localdomain", "", "nas 1.x", "nas1.", "unknown host", "-x..y"})
        EXPECT_EQ(helo_name(from("backup@example.com"), machine), "example.com") << machine;
    EXPECT_EQ(helo_name(from("root@nas1"), "nas1"), "localhost") << "neither has a domain";
    EXPECT_EQ(helo_name(from("a@bücher.example"), "nas1"), "localhost") << "not a name that can be sent";
}

TEST(HeloName, TheConfiguredOneIsSentAsItIs) {
    EXPECT_EQ(helo_name(from("a@b.example", "[192.0.2.1]"), "nas1.example.org"), "[192.0.2.1]");
}

}  // namespace
}  // namespace sb::notify
