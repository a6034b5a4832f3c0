// The oracle is Python's mail parser, which shares no code with us.
#include "daemon/notify/mail_header.hpp"
#include "daemon/notify/message_text.hpp"
#include "daemon/notify/clean_text.hpp"

#include "smtp_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sb::notify {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string mail_of(ports::Message const& message, Addresses const& addresses) {
    Stamp const stamp{*parse_rfc3339("2026-11-03T05:04:09.876Z"), "unique.1"};
    auto const mail = message_text(addresses, message, stamp);
    EXPECT_TRUE(mail) << mail.error().context;
    return mail ? *mail : "";
}

Addresses const usual{"backup@contoso.example", {"ops@contoso.example"}};

// The parser must read our mail as intended: `subject` and `body` are what a reader sees.
void expect_read_back(ports::Message const& message, std::string const& subject, std::string const& body,
                      Addresses const& addresses = usual) {
    test::TempDir folder;
    test::write_file(folder / "mail", mail_of(message, addresses));
    test::write_file(folder / "subject", subject);
    test::write_file(folder / "body", body);
    test::Command command;
    command.argv = {test::python(),
                    std::string(SB_NOTIFY_TEST_SOURCES) + "/check_mail.py",
                    (folder / "mail").string(),
                    (folder / "subject").string(),
                    (folder / "body").string(),
                    addresses.from};
    command.argv.insert(command.argv.end(), addresses.to.begin(), addresses.to.end());
    auto const checked = test::run(std::move(command));
    EXPECT_EQ(checked.out, "same\n") << checked.err << "\n" << mail_of(message, addresses);
}

ports::Message message(std::string subject, std::string body) { return {std::move(subject), std::move(body), ""}; }

TEST(MessageText, AnOrdinaryMailIsReadBackAndReadable) {
    auto const body = "line one\n.\n..two\nFrom here\n-- \nscale-backupd on h\n";
    expect_read_back(message("[scale-backup] h: 1 of 3 backups failed", body),
                     "[scale-backup] h: 1 of 3 backups failed", body);
    auto const mail = mail_of(message("s", body), usual);
    EXPECT_THAT(mail, HasSubstr("Date: Tue, 03 Nov 2026 05:04:09 +0000\r\n"));
    EXPECT_THAT(mail, HasSubstr("Content-Transfer-Encoding: 7bit\r\n\r\nline one\r\n.\r\n..two\r\n"));
}

TEST(MessageText, EveryLanguageArrives) {
    std::string const text = "Größe 大きさ размер \U0001F4BE € = 1_2 ? ";
    std::string subject, body;
    for (int i = 0; i < 4; ++i) subject += text;
    for (int i = 0; i < 40; ++i) body += text;
    expect_read_back(message(subject, body + "\n\n=3D \t\nend"), subject.substr(0, subject.size() - 1),
                     body + "\n\n=3D \t\nend\n");
}

TEST(MessageText, EncodedWordsNeverCutACharacter) {
    for (std::size_t shift = 0; shift < 12; ++shift) {
        std::string subject(shift, 'a');
        for (int i = 0; i < 30; ++i) subject += "\U0001F4BE";
        expect_read_back(message(subject, "x\n"), subject, "x\n");
    }
}

TEST(MessageText, LongLinesAreWrappedOnTheWireOnly) {
    std::string subject = "s", body;
    for (int i = 0; i < 38; ++i) subject += " word" + std::to_string(i);
    for (int width = 70; width < 85; ++width) body += std::string(static_cast<std::size_t>(width), 'x') + "\n";
    body += std::string(5000, 'y') + "\ntrailing blank \nand a tab\t\n";
    expect_read_back(message(subject, body), subject, body);
}

TEST(MessageText, SeveralRecipientsAndAnEmptyBody) {
    Addresses const many{"a@b.example", {"x@y.example", "z@w.example", "long.name.of.somebody@department.example"}};
    expect_read_back(message("s", ""), "s", "\n", many);
}

TEST(MessageText, NothingInASubjectCanBecomeAHeaderOrTheBody) {
    auto const evil = "VM 'x\r\nBcc: all@example.com\r\n\r\nbody\nX: y' failed";
    expect_read_back(message(evil, "b\n"), "VM 'x Bcc: all@example.com  body X: y' failed", "b\n");
    // Text that only looks like an encoded word must not be decoded.
    expect_read_back(message("=?UTF-8?Q?=0D=0ABcc:_x?=", "b\n"), "=?UTF-8?Q?=0D=0ABcc:_x?=", "b\n");
}

TEST(MessageText, BytesThatAreNotTextAreReplaced) {
    expect_read_back(
        message(std::string("a\0b\x1b[31m\xff", 9), "\xc3( \xed\xa0\x80 \xf5 \xc0\xaf\r\nx\ry\x1b[2J\xc2\x9b\n"),
        "a\uFFFDb\uFFFD[31m\uFFFD", "\uFFFD( \uFFFD\uFFFD\uFFFD \uFFFD \uFFFD\uFFFD\nx\uFFFDy\uFFFD[2J\uFFFD\uFFFD\n");
}

TEST(MessageText, AVeryLongSubjectIsCut) {
    std::string subject;
    for (int i = 0; i < 500; ++i) subject += "€";
    std::string shown;
    for (int i = 0; i < 133; ++i) shown += "€";
    expect_read_back(message(subject, "x\n"), shown + "...", "x\n");
}

TEST(MessageText, RefusesAddressesThatWouldBreakTheHeader) {
    Stamp const stamp{UtcTime{}, "u"};
    auto const plain = message("s", "b");
    for (std::string const bad :
         {"", "a", "@b", "a@", "a@b@c", "a b@c", "a@b\r\nBcc: c@d", "<a@b>", "a@b,c@d", "a@b\t"}) {
        EXPECT_FALSE(message_text({bad, {"a@b"}}, plain, stamp)) << bad;
        EXPECT_FALSE(message_text({"a@b", {"c@d", bad}}, plain, stamp)) << bad;
    }
    EXPECT_FALSE(message_text({"a@b", {}}, plain, stamp));
    EXPECT_TRUE(message_text({"a@b", {"o'neil+x=y@c"}}, plain, stamp));
}

}  // namespace
}  // namespace sb::notify
