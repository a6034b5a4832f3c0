#include "daemon/engine/owner_watch.hpp"

#include "daemon/core/storage_mark.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

constexpr auto installation_fact = "installation";
constexpr auto look_every = 30s;
constexpr auto write_every = 10min;
constexpr auto dead_after = 12min;

std::string other_installation(LocalPathOwner const& owner) {
    return "the installation on " + owner.host + " (" + owner.state +
           ") makes the backups of this cluster in LocalPath; it was last seen " + format_rfc3339(owner.seen) +
           ", by its own clock";
}

}  // namespace

LocalPathOwner OwnerWatch::mine() const {
    return {installation_, dependencies_.host, dependencies_.state, dependencies_.time.now(), false};
}

/// Without its file system mounted, LocalPath is another folder.
task<bool> OwnerWatch::is_right_place() {
    auto const recorded = co_await dependencies_.journal.fact(storage_mark_fact);
    if (!recorded || !*recorded) co_return false;
    auto const found = co_await dependencies_.catalog.storage_mark();
    co_return found && found->id == **recorded;
}

task<bool> OwnerWatch::know_installation() {
    if (!installation_.empty()) co_return true;
    auto const recorded = co_await dependencies_.journal.fact(installation_fact);
    if (!recorded) co_return false;
    auto name = *recorded ? **recorded : dependencies_.random();
    if (!*recorded) {
        auto text = name;
        auto const saved = co_await dependencies_.journal.set_fact(installation_fact, std::move(text));
        if (!saved) co_return false;
    }
    installation_ = std::move(name);
    co_return true;
}

bool OwnerWatch::is_unchanged_long_enough(std::string const& text) {
    auto const now = dependencies_.time.steady_now();
    if (text != watched_) unchanged_since_ = now;
    watched_ = text;
    return now - unchanged_since_ >= dead_after;
}

task<void> OwnerWatch::write(std::string cluster, bool stopped) {
    auto owner = mine();
    owner.stopped = stopped;
    auto text = owner_text(owner);
    auto const written = co_await dependencies_.catalog.write_owner_file(std::move(cluster), std::move(text));
    if (written) written_at_ = dependencies_.time.steady_now();
    else spdlog::warn("the file that says who uses LocalPath could not be written: {}", written.error().context);
}

task<std::string> OwnerWatch::look(std::string cluster) {
    auto const text = co_await dependencies_.catalog.owner_file(cluster);
    if (!text) co_return std::string();  // the check of LocalPath says what is wrong
    auto const found = *text ? parse_owner(**text) : std::nullopt;
    bool const is_first = !std::exchange(has_looked_, true);
    if (found && may_be_alive(*found, mine(), is_first) && !is_unchanged_long_enough(**text))
        co_return other_installation(*found);
    bool const is_mine = found && found->installation == installation_ && !found->stopped;
    auto const now = dependencies_.time.steady_now();
    if (!is_mine || !written_at_ || now - *written_at_ >= write_every) co_await write(std::move(cluster), false);
    co_return std::string();
}

bool OwnerWatch::is_recent(std::string const& cluster) const {
    return cluster == cluster_ && looked_at_ && dependencies_.time.steady_now() - *looked_at_ < look_every;
}

task<std::string> OwnerWatch::objection() {
    auto const lock = co_await mutex_.lock();
    auto const cluster = dependencies_.identity.present().uuid;
    if (is_recent(cluster)) co_return objection_;
    if (cluster != cluster_) {
        has_looked_ = false;
        written_at_.reset();
    }
    cluster_ = cluster;
    bool can_look = false;
    if (!cluster.empty()) can_look = co_await is_right_place();
    if (can_look) can_look = co_await know_installation();
    std::string why;
    if (can_look) why = co_await look(cluster);
    objection_ = std::move(why);
    looked_at_ = dependencies_.time.steady_now();
    if (objection_.empty()) dependencies_.conditions.clear(ConditionKind::second_installation);
    else dependencies_.conditions.raise(ConditionKind::second_installation, objection_);
    co_return objection_;
}

task<void> OwnerWatch::finish() {
    auto const lock = co_await mutex_.lock();
    if (!written_at_ || cluster_.empty() || !objection_.empty()) co_return;
    bool const may_write = co_await is_right_place();
    auto const text = co_await dependencies_.catalog.owner_file(cluster_);
    if (!may_write || !text || !*text) co_return;
    auto const found = parse_owner(**text);
    if (found && found->installation == installation_) co_await write(cluster_, true);
}

}  // namespace sb::engine
