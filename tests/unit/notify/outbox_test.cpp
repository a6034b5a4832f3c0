#include "daemon/notify/outbox_codec.hpp"
#include "daemon/notify/outbox_file.hpp"

#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

namespace sb::notify {
namespace {

ports::QueuedMail waiting(std::string unique, std::vector<std::string> recipients = {}) {
    ports::Message message{"subject \"ü\"", "line 1\nline 2\n", "cause"};
    auto const posted = UtcTime{std::chrono::hours{24 * 365 * 55}};
    return ports::QueuedMail{std::move(message), std::move(unique), posted, std::move(recipients)};
}

void expect_same(ports::QueuedMail const& read, ports::QueuedMail const& written) {
    EXPECT_EQ(read.message.subject, written.message.subject);
    EXPECT_EQ(read.message.body, written.message.body);
    EXPECT_EQ(read.message.cause, written.message.cause);
    EXPECT_EQ(read.unique, written.unique);
    EXPECT_EQ(read.posted, written.posted);
    EXPECT_EQ(read.recipients, written.recipients);
}

TEST(Outbox, WhatWasWrittenIsRead) {
    auto const first = waiting("a.1.scale-backup"), second = waiting("b.2", {"a@b", "c@d"});
    auto const read = read_outbox(outbox_text({first, second}));
    ASSERT_TRUE(read) << read.error().context;
    ASSERT_EQ(read->size(), 2u);
    expect_same(read->at(0), first);
    expect_same(read->at(1), second);
}

TEST(Outbox, AnotherFileIsNotTakenForOne) {
    for (auto const* text : {"", "{}", "[]", R"({"format":"scale-backup outbox","version":2,"mails":[]})",
                             R"({"format":"x","version":1,"mails":[]})"})
        EXPECT_EQ(read_outbox(text).error().code, Errc::malformed) << text;
}

TEST(Outbox, AMailThatCouldBreakAHeaderIsLeftOut) {
    for (auto const& bad : {waiting("a>\r\nBcc: x@y"), waiting(""), waiting("a", {"a@b\r\nRCPT TO:<c@d>"})}) {
        auto const read = read_outbox(outbox_text({bad, waiting("good")}));
        ASSERT_TRUE(read);
        ASSERT_EQ(read->size(), 1u);
        EXPECT_EQ(read->at(0).unique, "good");
    }
}

TEST(OutboxFile, KeepsMailsUntilNoneIsLeft) {
    test::TempDir const folder;
    OutboxFile outbox(folder.path());
    EXPECT_TRUE(outbox.load()->empty()) << "a first start";
    ASSERT_TRUE(outbox.save({waiting("a")}));
    EXPECT_EQ(outbox.load()->size(), 1u);
    EXPECT_EQ(std::filesystem::status(folder.path() / OutboxFile::name).permissions(), std::filesystem::perms{0600});
    ASSERT_TRUE(outbox.save({}));
    EXPECT_FALSE(std::filesystem::exists(folder.path() / OutboxFile::name));
    EXPECT_TRUE(outbox.save({})) << "there is none to remove";
}

TEST(OutboxFile, AFileThatCannotBeReadIsAnErrorThatNamesIt) {
    test::TempDir const folder;
    std::ofstream(folder.path() / OutboxFile::name) << "{";
    auto const loaded = OutboxFile(folder.path()).load();
    ASSERT_FALSE(loaded);
    EXPECT_THAT(loaded.error().context, testing::HasSubstr("outbox.json"));
}

}  // namespace
}  // namespace sb::notify
