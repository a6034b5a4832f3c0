// Plays the adversary: some seeds always, more on request; a seed that breaks a promise is shrunk and printed.
//   SB_ADVERSARY_SEED=7     plays this seed only, and tells the moves
//   SB_ADVERSARY_FIRST=N    begins with this seed instead of 1
//   SB_ADVERSARY_STEPS=N    moves of each seed
//   SB_ADVERSARY_TOLD=N     the last N moves of a seed that broke a promise are told
//   SB_ADVERSARY_HOURS=N    goes on with new seeds for N hours
//   SB_ADVERSARY_WITHOUT=journal_lost,link    these moves become waits: to find which one a violation needs
#include "tests/simulation/adversary.hpp"
#include "tests/support/sanitized.hpp"

#include <spdlog/pattern_formatter.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

using namespace sb;
using namespace sb::test;
using namespace sb::test::adversary;

namespace {

constexpr std::size_t moves_between_calms = 200;
constexpr std::size_t told_moves = 60;  ///< of a seed that broke a promise: the last ones

/// The log of a told play has the world's time.
class WorldTime final : public spdlog::custom_flag_formatter {
public:
    explicit WorldTime(World const& world) : world_(world) {}
    void format(spdlog::details::log_msg const&, std::tm const&, spdlog::memory_buf_t& text) override {
        auto const now = format_rfc3339(world_.time.now());
        text.append(now.data(), now.data() + now.size());
    }
    std::unique_ptr<spdlog::custom_flag_formatter> clone() const override {
        return std::make_unique<WorldTime>(world_);
    }

private:
    World const& world_;
};

void show_world_time(World const& world) {
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<WorldTime>('*', world).set_pattern("  [%*] [%l] %v");
    spdlog::set_formatter(std::move(formatter));
}

std::optional<double> number_from(char const* variable) {
    char const* const text = std::getenv(variable);
    if (text == nullptr) return std::nullopt;
    return std::strtod(text, nullptr);
}

Milliseconds pause_after(std::mt19937& random) {
    auto const kind = random() % 100;
    auto const minutes = kind < 60 ? 1 + random() % 30 : kind < 95 ? 60 + random() % 240 : 360 + random() % 720;
    return std::chrono::minutes(minutes) + Milliseconds{random() % 60000};
}

bool is_left_out(Act act) {
    char const* const text = std::getenv("SB_ADVERSARY_WITHOUT");
    if (text == nullptr) return false;
    auto const list = "," + std::string(text) + ",";
    return list.find("," + std::string(adversary::name_of(act)) + ",") != std::string::npos;
}

/// Each move as often as its weight says: dealt like cards, so that none is rare by chance.
class Deck {
public:
    explicit Deck(std::mt19937& random) : random_(random) {
        for (std::size_t each = 0; each < acts; ++each) {
            auto const act = static_cast<Act>(each);
            cards_.insert(cards_.end(), weight_of(act), is_left_out(act) ? Act::wait : act);
        }
    }
    Act next() {
        if (at_ == 0) at_ = cards_.size();
        auto const chosen = random_() % at_;
        std::swap(cards_[chosen], cards_[--at_]);
        return cards_[at_];
    }

private:
    std::mt19937& random_;
    std::vector<Act> cards_;
    std::size_t at_ = 0;
};

std::vector<Move> moves_of(std::uint32_t seed, std::size_t count) {
    std::mt19937 random(seed);
    Deck deck(random);
    std::vector<Move> moves(count);
    for (std::size_t i = 0; i < count; ++i) {
        auto& move = moves[i];
        if (i % moves_between_calms == moves_between_calms - 1 || i + 1 == count) {
            move.act = Act::calm;
            continue;
        }
        move.act = deck.next();
        move.seed = static_cast<std::uint32_t>(random());
        move.then = pause_after(random);
    }
    return moves;
}

struct Total {
    std::array<std::uint64_t, acts> strikes{};
    std::uint64_t moves = 0, starts = 0, due_checks = 0, deletions = 0, successes = 0;
    std::chrono::hours simulated{0};
    std::map<std::string, std::uint64_t> guards;
};

std::optional<Violation> play(std::uint32_t seed, std::vector<Move> const& moves, Total* total, bool tell = false) {
    World world(seed);
    world.tell = tell;
    if (tell) show_world_time(world);
    auto const began = world.time.steady_now();
    auto const told = static_cast<std::size_t>(number_from("SB_ADVERSARY_TOLD").value_or(told_moves));
    for (std::size_t i = 0; i < moves.size() && !world.violation; ++i) {
        world.tell = tell && i + told >= moves.size();
        spdlog::set_level(world.tell ? spdlog::level::info : spdlog::level::off);
        world.play(moves[i]);
    }
    if (total != nullptr) {
        for (std::size_t act = 0; act < acts; ++act) total->strikes[act] += world.strikes[act];
        total->moves += world.moves;
        total->starts += static_cast<std::uint64_t>(world.starts);
        total->due_checks += world.due_checks;
        total->deletions += world.deletions;
        total->successes += world.successes;
        for (auto const& [guard, count] : world.guards.counts()) total->guards[guard] += count;
        total->simulated += std::chrono::floor<std::chrono::hours>(world.time.steady_now() - began);
    }
    spdlog::set_level(spdlog::level::off);
    if (tell) spdlog::set_pattern("%+");
    return world.violation;
}

/// Leaves out moves as long as the same promise is broken; ever smaller pieces, for a limited time. At first their time
/// still passes, so that the others meet the same hours.
std::vector<Move> shrunk(std::uint32_t seed, std::vector<Move> moves, Violation const& violation) {
    using Clock = std::chrono::steady_clock;
    auto const seconds = number_from("SB_ADVERSARY_SHRINK").value_or(sanitized ? 5 : 30);
    auto const until = Clock::now() + std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
    moves.resize(std::min(moves.size(), violation.move));
    for (bool const drops : {false, true})
        for (auto piece = moves.size() / 2; piece > 0 && Clock::now() < until; piece /= 2)
            for (std::size_t at = 0; at < moves.size() && Clock::now() < until;) {
                auto fewer = moves;
                auto const begin = fewer.begin() + static_cast<std::ptrdiff_t>(at);
                auto const end = begin + static_cast<std::ptrdiff_t>(std::min(piece, moves.size() - at));
                if (drops) fewer.erase(begin, end);
                else std::for_each(begin, end, [](Move& move) { move.act = Act::wait; });
                auto const again = play(seed, fewer, nullptr);
                bool const still = again && again->promise == violation.promise;
                if (still) moves.assign(fewer.begin(), fewer.begin() + static_cast<std::ptrdiff_t>(again->move));
                if (!still || !drops) at += piece;
            }
    return moves;
}

void report(std::uint32_t seed, std::vector<Move> const& moves, Violation const& violation) {
    auto const fewer = shrunk(seed, moves, violation);
    std::cout << "seed " << seed << ", promise " << violation.promise << ", shrunk from " << violation.move << " to "
              << fewer.size() << " moves, of which are waits " << std::ranges::count(fewer, Act::wait, &Move::act)
              << "; the end:" << std::endl;
    auto const last = play(seed, fewer, nullptr, true);
    ADD_FAILURE() << "promise " << violation.promise << " broken at move " << violation.move << " of seed " << seed
                  << ": " << violation.text << (last ? "\nshrunk: " + last->text : std::string())
                  << "\nto replay: SB_ADVERSARY_SEED=" << seed << " --gtest_filter=Adversary.*";
}

void print(Total const& total) {
    std::cout << total.moves << " moves, " << total.simulated.count() / 24 << " simulated days, " << total.starts
              << " starts, " << total.successes << " backups, " << total.deletions << " deletions, " << total.due_checks
              << " checks of the schedule; struck:\n";
    for (std::size_t act = 0; act < acts; ++act)
        std::cout << "  " << std::setw(20) << std::left << adversary::name_of(static_cast<Act>(act)) << std::setw(7)
                  << std::right << total.strikes[act] << (act % 4 == 3 ? "\n" : "");
    std::cout << "\nguards at work:\n";
    for (auto const& [guard, count] : total.guards) std::cout << "  " << guard << ": " << count << "\n";
    std::cout << std::endl;
}

/// That each move did harm often enough to mean something. Fewer steps than usual may be asked for.
void expect_strikes(Total const& total) {
    auto const wanted = total.moves >= 20000 ? 200U : total.moves >= 3000 ? 20U : 0U;
    for (std::size_t act = 0; act < acts; ++act) {
        auto const which = static_cast<Act>(act);
        if (which == Act::wait || which == Act::calm || is_left_out(which)) continue;  // the first two harm nothing
        EXPECT_GE(total.strikes[act], wanted) << adversary::name_of(which) << " struck too rarely";
    }
}

}  // namespace

TEST(Adversary, BreaksNoPromise) {
    auto const level = spdlog::get_level();
    spdlog::set_level(spdlog::level::off);  // thousands of planned failures
    auto const only = number_from("SB_ADVERSARY_SEED");
    auto const hours = number_from("SB_ADVERSARY_HOURS");
    auto const steps = static_cast<std::size_t>(number_from("SB_ADVERSARY_STEPS").value_or(sanitized ? 400 : 2000));
    using Clock = std::chrono::steady_clock;
    auto const until = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                          std::chrono::duration<double, std::ratio<3600>>(hours.value_or(0)));
    constexpr std::uint32_t seeds = 10;
    Total total;
    auto const first = static_cast<std::uint32_t>(only ? *only : number_from("SB_ADVERSARY_FIRST").value_or(1));
    for (auto seed = first; seed == first || (!only && (seed <= seeds || Clock::now() < until)); ++seed) {
        auto const moves = moves_of(seed, steps);
        auto const violation = play(seed, moves, &total);
        if (!violation) continue;
        report(seed, moves, *violation);
        break;
    }
    spdlog::set_level(level);
    print(total);
    if (only || HasFailure() || sanitized) return;
    expect_strikes(total);
    EXPECT_GT(total.due_checks, total.moves / 4);
}

TEST(AdversaryGuards, CountAConditionOnceUntilItWasClearedMeanwhile) {
    Guards guards;
    core::Condition doubt;
    doubt.kind = core::ConditionKind::clock_in_doubt;
    guards.note(std::vector<core::Condition>{doubt});
    guards.note(std::vector<core::Condition>{doubt});
    EXPECT_EQ(guards.counts().at("condition clock_in_doubt"), 1u);
    guards.note(std::vector<core::Condition>{});
    guards.note(std::vector<core::Condition>{doubt});
    EXPECT_EQ(guards.counts().at("condition clock_in_doubt"), 2u);
}

TEST(AdversaryGuards, CountOnlyCopiesThatAGuardKeeps) {
    Guards guards;
    core::Verdict usual, last;
    usual.backup = "1";
    last.backup = "2";
    last.rule = core::Rule::max_age;
    last.reason = core::Reason::last_good_copy;
    guards.note(std::vector<core::Verdict>{usual, last});
    guards.note(std::vector<core::Verdict>{usual, last});
    EXPECT_EQ(guards.counts(), (std::map<std::string, std::uint64_t>{{"kept last_good_copy", 1}}));
}

/// Seeds that broke a promise once, with the moves of today's deck: add them here, and shrink nothing by hand. (17 and
/// 27 of an earlier deck are directed tests now: a start that failed in a calm; a slot that a refused rename had given
/// back.) 18: a copy of an earlier VM that is gone, at the end of its link.
TEST(Adversary, SeedsThatOnceFoundSomethingBreakNoPromise) {
    std::vector<std::uint32_t> const kept{18};
    if (sanitized) GTEST_SKIP() << "too slow";
    auto const level = spdlog::get_level();
    spdlog::set_level(spdlog::level::off);
    for (auto const seed : kept) {
        auto const moves = moves_of(seed, 2000);
        auto const violation = play(seed, moves, nullptr);
        if (violation) report(seed, moves, *violation);
    }
    spdlog::set_level(level);
}
