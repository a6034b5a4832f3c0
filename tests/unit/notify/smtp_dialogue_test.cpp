#include "daemon/notify/smtp_dialogue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sb::notify {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Lines with '>' are ours.
SmtpDialogue after(std::vector<std::string> recipients, std::vector<std::string> const& lines) {
    SmtpDialogue dialogue(std::move(recipients));
    for (auto const& line : lines) {
        if (line.starts_with("> ")) dialogue.sent(line.substr(2) + "\r\n");
        else dialogue.received(line + "\r\n");
    }
    return dialogue;
}

TEST(SmtpDialogue, KnowsWhomTheServerRefusedAndWhomForNow) {
    auto const dialogue =
        after({"a@x", "b@x", "c@x"},
              {"220 hello", "> EHLO me", "250-test", "250 HELP", "> MAIL FROM:<f@x>", "250 OK", "> RCPT TO:<a@x>",
               "250 OK", "> RCPT TO:<b@x>", "451-4.7.1 greylisted,", "451 4.7.1 later", "> RCPT TO:<c@x>",
               "550 5.1.1 no c", "> DATA", "354 go on", "250 stored"});
    auto const delivery = dialogue.delivery();
    EXPECT_EQ(delivery.accepted, 1u);
    EXPECT_THAT(delivery.for_later, ElementsAre("b@x"));
    EXPECT_EQ(delivery.objections, "451-4.7.1 greylisted,; 451 4.7.1 later; 550 5.1.1 no c");
}

TEST(SmtpDialogue, RepliesToOtherCommandsAreAboutNoRecipient) {
    auto const dialogue =
        after({"a@x"}, {"220 hello",        "> EHLO me",     "502 what?",    "> HELO me",         "250 OK",
                        "> STARTTLS",       "454 not today", "> AUTH PLAIN", "504 not this one",  "> AUTH LOGIN",
                        "334 VXNlcm5hbWU6", "> cm9ib3Q=",    "235 OK",       "> MAIL FROM:<f@x>", "250 OK",
                        "> RCPT TO:<a@x>",  "250 OK",        "> DATA",       "354 go on",         "250 OK",
                        "> QUIT",           "421 whatever"});
    EXPECT_EQ(dialogue.delivery().accepted, 1u);
    EXPECT_THAT(dialogue.delivery().for_later, IsEmpty());
    EXPECT_EQ(dialogue.delivery().objections, "");
}

TEST(SmtpDialogue, TooManyRecipientsInOneMailAreNotRefusedForGood) {
    auto const dialogue = after({"a@x", "b@x"}, {"> RCPT TO:<a@x>", "250 OK", "> RCPT TO:<b@x>", "552 too many"});
    EXPECT_THAT(dialogue.delivery().for_later, ElementsAre("b@x"));
}

TEST(SmtpDialogue, KnowsWhenAnotherAttemptWouldHelpOnlySome) {
    auto const refused = [](std::string const& first, std::string const& second) {
        return after({"a@x", "b@x"}, {"> RCPT TO:<a@x>", first, "> RCPT TO:<b@x>", second}).refused_all_but_not_alike();
    };
    EXPECT_TRUE(refused("550 no", "451 later"));
    EXPECT_FALSE(refused("550 no", "550 no"));
    EXPECT_FALSE(refused("451 later", "451 later"));
    EXPECT_FALSE(refused("250 OK", "451 later"));
    EXPECT_FALSE(after({"a@x", "b@x"}, {"> RCPT TO:<a@x>", "451 later"}).refused_all_but_not_alike());
}

TEST(SmtpDialogue, ItsWordsAreAboutTheLastCommand) {
    EXPECT_EQ(after({"a@x"}, {"> EHLO me", "502 what?", "> HELO me", "250 OK", "> MAIL FROM:<f@x>", "530 log in",
                              "> QUIT", "221 bye"})
                  .words(),
              "530 log in");
    EXPECT_EQ(after({"a@x"}, {"220 hello"}).words(), "220 hello");
    EXPECT_EQ(after({"a@x"}, {"> RCPT TO:<a@x>", "250 OK", "> DATA", "354 go on", "554 not this one"}).words(),
              "554 not this one");
}

TEST(SmtpDialogue, EndlessRepliesAreCut) {
    SmtpDialogue dialogue({"a@x"});
    dialogue.sent("RCPT TO:<a@x>");
    for (int i = 0; i < 10'000; ++i) dialogue.received("550-" + std::string(10'000, 'x'));
    EXPECT_LT(dialogue.delivery().objections.size(), 3000u);
    EXPECT_LT(dialogue.words().size(), 3000u);
}

/// After one refusal of a recipient by a server that knows our password.
SmtpDialogue after_refusal(std::string const& password, std::string const& line) {
    SmtpDialogue dialogue({"a@x"}, Scrubber({Secret(password)}));
    dialogue.sent("RCPT TO:<a@x>");
    dialogue.received(line + "\r\n");
    return dialogue;
}

TEST(SmtpDialogue, APasswordThatTheServerRepeatsIsHiddenInEverySpelling) {
    for (std::string const spelled :
         {"pass wörd", "pass%20w%C3%B6rd", "pass+w%c3%b6rd", "pass=20w=C3=B6rd", "pass w\\u00f6rd", "pass w&#246;rd",
          "706173732077c3b67264", "cGFzcyB3w7ZyZA==", "AHVzZXIAcGFzcyB3w7ZyZA==", "dXNlcjpwYXNzIHfDtnJk"}) {
        auto const dialogue = after_refusal("pass wörd", "550 no " + spelled + " here");
        EXPECT_EQ(dialogue.words(), "550 no *** here") << spelled;
        EXPECT_EQ(dialogue.delivery().objections, "550 no *** here") << spelled;
    }
}

TEST(SmtpDialogue, APasswordWhereALongReplyIsCutLeavesNoPart) {
    for (std::size_t before = 480; before < 510; ++before) {
        auto const words =
            after_refusal("hunter2", "550 " + std::string(before, '.') + " hunter2 aHVudGVyMg==").words();
        EXPECT_EQ(words.find('h'), std::string::npos) << before << ": " << words;
        EXPECT_EQ(words.find('H'), std::string::npos) << before << ": " << words;
    }
}

TEST(SmtpDialogue, APasswordThatIsAReplyCodeChangesNoDecision) {
    auto const dialogue = after_refusal("450", "450 greylisted");
    EXPECT_EQ(dialogue.words(), "*** greylisted");
    EXPECT_THAT(dialogue.delivery().for_later, ElementsAre("a@x"));
}

}  // namespace
}  // namespace sb::notify
