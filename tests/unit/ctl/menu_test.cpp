#include "ctl/menu/menu.hpp"
#include "ctl/menu/screen.hpp"
#include "ctl/render/display_width.hpp"
#include "tests/unit/ctl/samples.hpp"

#include <gmock/gmock.h>

#include <random>

namespace sb::ctl {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using Kind = Key::Kind;

rpc::BackupInfo backup_at(std::string name, std::string vm, int hours_ago, std::string state = "complete") {
    auto backup = backup_of(std::move(name), vm, std::move(state));
    backup.vm_uuid = "uuid of " + vm;
    backup.started = noon - std::chrono::hours{hours_ago};
    return backup;
}

MenuFacts some_facts() {
    MenuFacts facts;
    facts.backups = {backup_at("b old", "FILE01", 50), backup_at("b new", "FILE01", 2), backup_at("db", "DB02", 3),
                     backup_at("by hand", "Büro 漢", 4), backup_at("gone one", "OLD", 90)};
    facts.vm_names = {"DB02", "FILE01", "Büro 漢", "DB02-restored"};
    facts.vm_uuids = {"uuid of DB02", "uuid of FILE01", "uuid of Büro 漢"};
    return facts;
}

Key text(std::string letter) { return {Kind::text, std::move(letter)}; }

MenuStep type(MenuStep step, std::vector<Key> const& keys, MenuFacts const& facts) {
    for (auto const& key : keys) step = press(std::move(step.menu), key, facts);
    return step;
}

std::vector<Key> letters(std::string const& word) {
    std::vector<Key> keys;
    for (char const c : word) keys.push_back(text(std::string(1, c)));
    return keys;
}

TEST(Menu, TheNewestBackupOfTheFirstVmTakesFourKeys) {
    auto const facts = some_facts();
    auto const step = type({}, {{Kind::enter}, {Kind::enter}, {Kind::enter}, {Kind::enter}}, facts);
    EXPECT_EQ(step.outcome, MenuOutcome::restore);
    EXPECT_EQ(facts.backups[step.menu.backup].name, "by hand");
    EXPECT_EQ(step.menu.name, "Büro 漢-restored");
}

TEST(Menu, VmsComeByNameAndBackupsNewestFirst) {
    auto const facts = some_facts();
    std::vector<std::string> names;
    for (auto const& vm : vms_of(facts)) names.push_back(vm.name);
    EXPECT_THAT(names, ElementsAre("Büro 漢", "DB02", "FILE01", "OLD"));
    auto const file = vms_of(facts)[2];
    EXPECT_THAT(file.backups, ElementsAre(1, 0));
    EXPECT_FALSE(file.gone);
    EXPECT_TRUE(vms_of(facts)[3].gone) << "its uuid is not among the cluster's";
}

TEST(Menu, OneVmUnderTwoNamesIsOneEntryUnderItsLastName) {
    MenuFacts facts;
    facts.backups = {backup_at("a", "OLDNAME", 50), backup_at("b", "OLDNAME", 2)};
    facts.backups[1].vm = "NEWNAME";
    auto const vms = vms_of(facts);
    ASSERT_EQ(vms.size(), 1U);
    EXPECT_EQ(vms[0].name, "NEWNAME");
    EXPECT_EQ(vms[0].backups.size(), 2U);
}

TEST(Menu, TwoVmsOfOneNameAreTwoEntries) {
    MenuFacts facts;
    facts.backups = {backup_at("a", "twin", 5), backup_at("b", "twin", 2)};
    facts.backups[1].vm_uuid = "another";
    EXPECT_EQ(vms_of(facts).size(), 2U);
}

TEST(Menu, BackupsWithoutAManifestAreFiledByTheirFoldersNameOrComeLast) {
    MenuFacts facts;
    rpc::BackupInfo old, manual;
    old.name = "2026-10-22_18-00-00 FILE 01";
    manual.name = "before the update";
    old.state = manual.state = "unverified";
    facts.backups = {manual, old};
    facts.vm_names = {"FILE 01"};
    auto const vms = vms_of(facts);
    ASSERT_EQ(vms.size(), 2U);
    EXPECT_EQ(vms[0].name, "FILE 01");
    EXPECT_FALSE(vms[0].gone);
    EXPECT_EQ(vms[1].name, "");
    EXPECT_THAT(menu_screen({}, facts, options_of(80), 24), Contains(HasSubstr("(unknown VM)")));
}

TEST(Menu, TypingFiltersWithoutRegardToCase) {
    auto const facts = some_facts();
    auto const step = type({}, letters("fil"), facts);
    EXPECT_THAT(shown_entries(step.menu, facts), ElementsAre(2));
    auto const wider = type(step, {{Kind::backspace}, {Kind::backspace}, {Kind::backspace}}, facts);
    EXPECT_EQ(shown_entries(wider.menu, facts).size(), 4U);
}

TEST(Menu, NothingThatMatchesIsSaidAndEnterDoesNothing) {
    auto const step = type({}, {text("?"), {Kind::enter}}, some_facts());
    EXPECT_EQ(step.menu.page, MenuPage::vm);
    EXPECT_EQ(step.menu.notice, "Nothing matches.");
}

TEST(Menu, EscapeGoesBackOnePageToWhereTheCursorWas) {
    auto const facts = some_facts();
    auto step = type({}, {{Kind::down}, {Kind::down}, {Kind::enter}, {Kind::down}, {Kind::enter}}, facts);
    ASSERT_EQ(step.menu.page, MenuPage::name);
    step = type(step, {{Kind::escape}}, facts);
    EXPECT_EQ(step.menu.page, MenuPage::backup);
    EXPECT_EQ(step.menu.cursor, 1U);
    step = type(step, {{Kind::escape}}, facts);
    EXPECT_EQ(step.menu.page, MenuPage::vm);
    EXPECT_EQ(step.menu.cursor, 2U);
    EXPECT_EQ(type(step, {{Kind::escape}}, facts).outcome, MenuOutcome::leave);
}

TEST(Menu, EscapeGivesUpASearchFirst) {
    auto const facts = some_facts();
    auto step = type({}, letters("fil"), facts);
    EXPECT_THAT(menu_screen(step.menu, facts, options_of(80), 24), Contains(HasSubstr("Esc: show all")));
    step = type(step, {{Kind::escape}}, facts);
    EXPECT_EQ(step.outcome, MenuOutcome::none);
    EXPECT_EQ(shown_entries(step.menu, facts).size(), 4U);
    EXPECT_EQ(type(step, {{Kind::escape}}, facts).outcome, MenuOutcome::leave);
}

TEST(Menu, WhatCannotBeRestoredIsMarkedWithTheReason) {
    MenuFacts facts;
    facts.backups = {backup_at("bad", "A", 1, "damaged"), backup_at("half", "A", 2, "incomplete"),
                     backup_at("now", "A", 0, "exporting"), backup_at("found", "A", 3, "unverified"),
                     backup_at("good", "A", 4)};
    facts.backups[1].problem = "disk 2 is missing";
    facts.backups[2].problem = "job 17 is writing it";
    auto step = type({}, {{Kind::enter}}, facts);
    auto const screen = menu_screen(step.menu, facts, options_of(80), 24);
    EXPECT_THAT(screen, Contains(HasSubstr("damaged")));
    EXPECT_THAT(screen, Contains(HasSubstr("incomplete")));
    for (auto const* words :
         {"not finished: job 17 is writing it", "restore --force", "disk 2 is missing", "scale-backupctl adopt"}) {
        auto const refused = type(step, {{Kind::enter}}, facts);
        EXPECT_EQ(refused.menu.page, MenuPage::backup);
        EXPECT_THAT(refused.menu.notice, HasSubstr(words));
        step = type(step, {{Kind::down}}, facts);
    }
    EXPECT_EQ(type(step, {{Kind::enter}}, facts).menu.page, MenuPage::name);
}

TEST(Menu, ProposesANameThatTheClusterDoesNotHave) {
    EXPECT_EQ(proposed_name("A", std::vector<std::string>{"A"}), "A-restored");
    EXPECT_EQ(proposed_name("A", std::vector<std::string>{"A-restored", "A-restored-2"}), "A-restored-3");
    EXPECT_EQ(proposed_name("A", std::nullopt), "A-restored");
    EXPECT_EQ(proposed_name("", std::vector<std::string>{}), "VM-restored");
}

TEST(Menu, ATakenOrEmptyNameGoesNoFurther) {
    auto const facts = some_facts();
    auto step = type({}, {{Kind::down}, {Kind::enter}, {Kind::enter}}, facts);
    ASSERT_EQ(step.menu.name, "DB02-restored-2");
    step = type(step, {{Kind::clear}, {Kind::enter}}, facts);
    EXPECT_THAT(step.menu.notice, HasSubstr("needs a name"));
    step = type(step, letters("DB02"), facts);
    step = type(step, {{Kind::enter}}, facts);
    EXPECT_THAT(step.menu.notice, HasSubstr("has a VM of this name"));
    EXPECT_EQ(step.menu.page, MenuPage::name);
}

TEST(Menu, WithoutTheClusterTheSummaryWarnsThatTheNameWasNotChecked) {
    auto facts = some_facts();
    facts.vm_names.reset();
    facts.cluster_error = "no connection to cluster: no answer in time";
    auto const step = type({}, {{Kind::enter}, {Kind::enter}, {Kind::enter}}, facts);
    ASSERT_EQ(step.menu.page, MenuPage::confirm);
    EXPECT_THAT(menu_screen(step.menu, facts, options_of(120), 24), Contains(HasSubstr("no answer in time")));
}

TEST(Menu, NoAtTheLastQuestionGoesBackAndInterruptLeaves) {
    auto const facts = some_facts();
    auto const last = type({}, {{Kind::enter}, {Kind::enter}, {Kind::enter}}, facts);
    EXPECT_EQ(type(last, {text("n")}, facts).menu.page, MenuPage::name);
    EXPECT_EQ(type(last, {text("y")}, facts).outcome, MenuOutcome::restore);
    EXPECT_EQ(type(last, {text("x")}, facts).outcome, MenuOutcome::none);
    EXPECT_EQ(type(last, {{Kind::interrupt}}, facts).outcome, MenuOutcome::interrupt);
}

TEST(Menu, FitsEveryTerminalWhateverIsPressed) {
    auto facts = some_facts();
    for (int i = 0; i < 60; ++i)
        facts.backups.push_back(backup_at("more " + std::to_string(i), "VM " + std::to_string(i), i));
    facts.backups.push_back(backup_at("evil\x1b[2J\n", "\x1b]0;title\a", 1));
    std::mt19937 random(11);
    std::vector<Key> const keys{{Kind::enter},     {Kind::escape},  {Kind::down},      {Kind::up},
                                {Kind::page_down}, {Kind::page_up}, {Kind::backspace}, {Kind::first},
                                {Kind::last},      text("a"),       text("漢"),        {Kind::clear}};
    for (auto const& [width, height] : {std::pair{80U, 24U}, {200U, 60U}, {20U, 5U}, {2U, 2U}}) {
        Menu menu;
        for (int i = 0; i < 400; ++i) {
            menu = press(std::move(menu), keys[random() % keys.size()], facts, list_rows(height)).menu;
            auto const screen = menu_screen(menu, facts, options_of(width), height);
            if (height >= 24) EXPECT_LT(screen.size(), height);
            for (auto const& line : screen) {
                EXPECT_LT(display_width(line), std::max(width, 16U)) << line;
                EXPECT_EQ(line.find('\x1b'), std::string::npos) << "a name reached the terminal as it is";
            }
        }
    }
}

TEST(Menu, TheCursorStaysInSightInALongList) {
    MenuFacts facts;
    for (int i = 0; i < 100; ++i) facts.backups.push_back(backup_at("b", "VM " + std::to_string(100 + i), i));
    auto const step = type({}, {{Kind::last}}, facts);
    EXPECT_THAT(menu_screen(step.menu, facts, options_of(80), 24), Contains(HasSubstr("> VM 199")));
}

// ---- answers in lines ------------------------------------------------------------------------------

MenuStep say(std::vector<std::string> const& lines, MenuFacts const& facts) {
    MenuStep step;
    for (auto const& line : lines) step = answer(std::move(step.menu), line, facts);
    return step;
}

TEST(MenuInLines, NumbersAndPartsOfNamesChooseAndEmptyLinesTakeWhatIsProposed) {
    auto const facts = some_facts();
    auto const by_number = say({"3", "2", "", "yes"}, facts);
    EXPECT_EQ(by_number.outcome, MenuOutcome::restore);
    EXPECT_EQ(facts.backups[by_number.menu.backup].name, "b old");
    auto const by_name = say({"file", "new", "another name", ""}, facts);
    EXPECT_EQ(by_name.outcome, MenuOutcome::restore);
    EXPECT_EQ(facts.backups[by_name.menu.backup].name, "b new");
    EXPECT_EQ(by_name.menu.name, "another name");
}

TEST(MenuInLines, WhatIsNotClearIsAskedAgain) {
    auto const facts = some_facts();
    EXPECT_THAT(say({"0"}, facts).menu.notice, HasSubstr("2 match"));
    EXPECT_THAT(say({"zzz"}, facts).menu.notice, HasSubstr("Nothing matches"));
    EXPECT_THAT(say({"1", "1", "", "perhaps"}, facts).menu.notice, HasSubstr("yes or no"));
}

TEST(MenuInLines, BGoesBackAndQLeaves) {
    auto const facts = some_facts();
    EXPECT_EQ(say({"1", "b"}, facts).menu.page, MenuPage::vm);
    EXPECT_EQ(say({"1", "q"}, facts).outcome, MenuOutcome::leave);
    EXPECT_EQ(say({"b"}, facts).outcome, MenuOutcome::leave);
}

TEST(MenuInLines, TheQuestionShowsNumbersAndTheProposal) {
    auto const facts = some_facts();
    EXPECT_THAT(menu_question({}, facts, options_of(80)), HasSubstr("   1  Büro 漢"));
    EXPECT_THAT(menu_question(say({"1", "1"}, facts).menu, facts, options_of(80)), HasSubstr("[Büro 漢-restored]: "));
}

}  // namespace
}  // namespace sb::ctl
