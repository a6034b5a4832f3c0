#include "common/config/values.hpp"

#include <gtest/gtest.h>

using namespace sb::config;

TEST(ConfigValues, ReadsHostsWithAndWithoutPort) {
    struct Case {
        char const* text;
        HostPort expected;
    };
    for (auto const& [text, expected] :
         {Case{"fileserver", {"fileserver", {}}}, Case{"fileserver:4455", {"fileserver", 4455}},
          Case{"192.0.2.7:445", {"192.0.2.7", 445}}, Case{"fd00::1", {"fd00::1", {}}},
          Case{"[fd00::1]", {"fd00::1", {}}}, Case{"[fd00::1]:445", {"fd00::1", 445}},
          Case{"fe80::1%eth0", {"fe80::1%eth0", {}}}, Case{"[::1]:1", {"::1", 1}},
          Case{"::ffff:192.0.2.1", {"::ffff:192.0.2.1", {}}}, Case{" host ", {"host", {}}},
          Case{"a-b.c_d.local", {"a-b.c_d.local", {}}}}) {
        auto const host = parse_host_port(text);
        ASSERT_TRUE(host) << text << ": " << host.error().context;
        EXPECT_EQ(*host, expected) << text;
    }
}

TEST(ConfigValues, RejectsInvalidHosts) {
    for (auto const* text :
         {"",          " ",      "https://host", "//host/share", "host:",    "host:0",     "host:65536",
          "host:abc",  ":445",   "host name",    "[fd00::1",     "[host]:1", "[fd00::1]x", "[fd00::1]:",
          "user@host", "host/x", ":::",          "fd00::12345",  "-host",    "a..b",       "host:99999999999"}) {
        EXPECT_FALSE(parse_host_port(text)) << text;
    }
}

TEST(ConfigValues, FingerprintsTakeEitherCaseAndOptionalColons) {
    std::string const colons =
        "54:41:D0:CA:CC:75:DD:86:25:2E:DC:28:FC:25:CE:1D:D3:8B:F6:CB:E7:44:FF:4E:AA:A6:EC:65:D5:79:79:66";
    auto const upper = parse_fingerprint(colons);
    ASSERT_TRUE(upper);
    EXPECT_EQ(fingerprint_text(*upper), colons);
    EXPECT_EQ(*parse_fingerprint("5441d0cacc75dd86252edc28fc25ce1dd38bf6cbe744ff4eaaa6ec65d5797966"), *upper);
    EXPECT_EQ(*parse_fingerprint(
                  "54:41:d0:CA:cc:75:dd:86:25:2e:dc:28:fc:25:ce:1d:d3:8b:f6:cb:e7:44:ff:4e:aa:a6:ec:65:d5:79:79:66"),
              *upper);
    EXPECT_EQ(*parse_fingerprint("  " + colons + " "), *upper);
}

TEST(ConfigValues, RejectsInvalidFingerprints) {
    EXPECT_FALSE(parse_fingerprint("FF::FF:FF..."));
    EXPECT_FALSE(parse_fingerprint(std::string(63, 'a')));
    EXPECT_FALSE(parse_fingerprint(std::string(66, 'a')));
    EXPECT_FALSE(parse_fingerprint(std::string(63, 'a') + "g"));
    EXPECT_FALSE(parse_fingerprint("aa:" + std::string(62, 'a')));
    EXPECT_FALSE(parse_fingerprint(std::string(62, 'a') + ":aa"));
    EXPECT_EQ(parse_fingerprint(std::string(40, 'a')).error().context,
              "40 digits are a SHA-1 fingerprint; the SHA-256 fingerprint is required");
    EXPECT_EQ(parse_fingerprint("a").error().context, "it has 1 digit instead of 64");
    EXPECT_EQ(parse_fingerprint("aa").error().context, "it has 2 digits instead of 64");
    std::string trailing;
    for (int i = 0; i < 32; ++i) trailing += "aa:";
    EXPECT_FALSE(parse_fingerprint(trailing));
}
