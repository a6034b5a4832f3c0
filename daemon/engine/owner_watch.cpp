#include "daemon/engine/owner_watch.hpp"

#include "daemon/core/storage_mark.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

constexpr auto look_every = 30s;
constexpr auto write_every = 10min;
constexpr auto dead_after = 12min;
constexpr auto untold_cluster = "unknown";

/// How often a file that disappears is written again before the next look.
constexpr int most_claims = 3;

/// Between another installation's last look at the file and what it does after it.
constexpr auto act_margin = 5s;

std::string other_installation(LocalPathOwner const& owner) {
    return "the installation on " + owner.host + " (" + owner.state +
           ") makes the backups of this cluster in LocalPath; it was last seen " + format_rfc3339(owner.seen) +
           ", by its own clock";
}

}  // namespace

LocalPathOwner OwnerWatch::mine() const {
    return {installation_, dependencies_.host,   dependencies_.state, dependencies_.time.now(),
            false,         dependencies_.machine};
}

bool OwnerWatch::names_me(LocalPathOwner const& found) const {
    return found.installation == installation_ && is_same_place(found, mine());
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

bool OwnerWatch::is_unchanged_long_enough(std::string const& cluster, std::string const& text) {
    auto const now = dependencies_.time.steady_now();
    auto& watched = watched_[cluster];
    if (text != watched.text) watched = {text, now};
    return now - watched.unchanged_since >= dead_after;
}

task<Result<void>> OwnerWatch::write(std::string cluster, bool stopped) {
    auto owner = mine();
    owner.stopped = stopped;
    auto text = owner_text(owner);
    auto const written = co_await dependencies_.catalog.write_owner_file(std::move(cluster), std::move(text));
    if (written) written_at_ = dependencies_.time.steady_now();
    else spdlog::warn("the file that says who uses LocalPath could not be written: {}", written.error().context);
    co_return written;
}

task<OwnerWatch::Look> OwnerWatch::look_at(std::string cluster, bool is_first_look) {
    Look look;
    has_own_ = names_own_ = false;
    auto const text = co_await dependencies_.catalog.owner_file(cluster);
    if (!text) {
        look.unusable = text.error().context;
        co_return look;
    }
    auto const found = *text ? parse_owner(**text) : std::nullopt;
    names_own_ = found && names_me(*found);
    has_own_ = names_own_ && !found->stopped;
    if (found && may_be_alive(*found, mine(), is_first_look) && !is_unchanged_long_enough(cluster, **text))
        look.other = other_installation(*found);
    co_return look;
}

task<OwnerWatch::Look> OwnerWatch::look_at_own(std::string cluster) {
    auto const look = co_await look_at(cluster, !has_looked_);
    if (look.unusable.empty()) has_looked_ = true;
    co_return look;
}

/// Those that may be of the same cluster, and its own at the end.
task<OwnerWatch::Look> OwnerWatch::look_at_each(std::string cluster) {
    Look look;
    if (cluster.empty() || cluster == untold_cluster) look = co_await look_at_all();
    if (cluster.empty() || !look.other.empty() || !look.unusable.empty()) co_return look;
    co_return co_await look_at_own(std::move(cluster));
}

task<Milliseconds> OwnerWatch::settling() {
    auto const boot = co_await dependencies_.catalog.boot_of_disk();
    auto const& settling = dependencies_.settling;
    co_return boot.empty() ? settling.on_a_network : settling.here;
}

/// An installation whose cluster refuses to say which one it is may be there for the same cluster. It yields as soon as
/// it looks again and finds this one's file.
task<bool> OwnerWatch::has_untold_neighbour(std::string cluster) {
    if (cluster == untold_cluster) co_return false;
    auto const look = co_await look_at(untold_cluster, true);
    co_return !look.other.empty();
}

/// After a write that failed. LocalPath may take no writes at all; restores only read it.
task<OwnerWatch::Look> OwnerWatch::look_without_writing(std::string cluster, Error failed) {
    auto look = co_await look_at_each(std::move(cluster));
    bool const is_free = look.other.empty() && look.unusable.empty();
    // A full disk must be freed by the one that the file names, and there is only one such.
    if (is_free && !names_own_) look.not_shown = std::move(failed.context);
    co_return look;
}

/// Looks, and takes the file unless this process has it.
task<OwnerWatch::Look> OwnerWatch::claim(std::string cluster) {
    auto const settle = co_await settling();
    for (int i = 0; i < most_claims; ++i) {
        auto const began = dependencies_.time.steady_now();
        auto look = co_await look_at_each(cluster);
        bool const is_free = look.other.empty() && look.unusable.empty();
        bool const has_it = has_own_ && written_at_ && !is_late_;
        if (cluster.empty() || !is_free || has_it) co_return look;
        auto const written = co_await write(cluster, false);
        bool const is_quick = dependencies_.time.steady_now() - began <= settle / 2;
        bool const is_beside_untold = co_await has_untold_neighbour(cluster);
        bool const may_be_replacing = !is_quick || is_late_ || is_beside_untold;
        bool const is_slow = may_be_replacing && written;
        auto const length = is_slow ? settle + look_every + act_margin : settle;
        auto const settled = dependencies_.time.steady_now() + length;
        co_await dependencies_.time.sleep_until(settled);
        if (!written) co_return co_await look_without_writing(std::move(cluster), written.error());
        look = co_await look_at_each(cluster);
        bool const is_refused = !look.other.empty() || !look.unusable.empty();
        if (has_own_ && !is_refused) is_late_ = false;
        if (has_own_ || is_refused) co_return look;
    }
    Look gone;
    gone.unusable = "the file that says who uses LocalPath was written, and disappears again";
    co_return gone;
}

task<void> OwnerWatch::refresh() {
    auto const before = written_at_;
    if (!owns_ || !before || dependencies_.time.steady_now() - *before < write_every) co_return;
    auto const cluster = cluster_;
    bool const may_write = co_await is_right_place();
    if (!may_write || cluster != cluster_) co_return;
    co_await write(cluster, false);
    constexpr auto margin = 30s;
    if (dependencies_.time.steady_now() - *before >= dead_after - margin) is_late_ = true;
}

/// Which of the files is the cluster's is not known. One of this place may be from before its journal was lost.
task<OwnerWatch::Look> OwnerWatch::look_at_all() {
    Look all;
    auto const clusters = co_await dependencies_.catalog.owner_files();
    if (!clusters) {
        all.unusable = clusters.error().context;
        co_return all;
    }
    for (auto const& cluster : *clusters) {
        auto const look = co_await look_at(cluster, true);
        if (all.other.empty()) all.other = look.other;
        if (all.unusable.empty()) all.unusable = look.unusable;
    }
    co_return all;
}

/// One small read: another installation whose write took long may have replaced the file since the last look.
task<bool> OwnerWatch::may_answer_as_before() {
    if (!objection_.to_orders.empty()) co_return true;
    if (cluster_ == untold_cluster) co_return false;  // it yields to the files of all clusters
    if (!is_named_) co_return true;
    auto const text = co_await dependencies_.catalog.owner_file(cluster_);
    if (!text || !*text) co_return false;
    auto const found = parse_owner(**text);
    bool const is_named = found && names_me(*found);
    co_return is_named;
}

bool OwnerWatch::is_recent(std::string const& cluster) const {
    bool const is_same = cluster == cluster_ && is_unanswered_ == dependencies_.identity.is_unanswered();
    return is_same && looked_at_ && dependencies_.time.steady_now() - *looked_at_ < look_every;
}

OwnerObjection OwnerWatch::report(Look const& found) {
    auto const note = [&](ConditionKind kind, std::string const& why) {
        if (why.empty()) dependencies_.conditions.clear(kind);
        else dependencies_.conditions.raise(kind, why);
        return why.empty() ? std::string() : with_remedy(kind, why);
    };
    auto const unusable = note(ConditionKind::owner_file_unusable, found.unusable);
    auto const other = note(ConditionKind::second_installation, found.other);
    auto const& why = other.empty() ? unusable : other;
    if (!why.empty() || found.not_shown.empty()) return {why, why, why};
    auto const not_shown =
        "other installations cannot see that this one uses LocalPath, because its file there cannot be written: " +
        found.not_shown;
    return {why, not_shown, not_shown};
}

task<OwnerObjection> OwnerWatch::objection() {
    auto const lock = co_await mutex_.lock();
    auto const uuid = dependencies_.identity.present().uuid;
    // One that refuses to say which one it is has a file, too, so that two installations for it notice each other.
    bool const is_untold = uuid.empty() && !dependencies_.identity.is_unanswered();
    auto const cluster = is_untold ? std::string(untold_cluster) : uuid;
    if (is_recent(cluster)) {
        bool const may_answer = co_await may_answer_as_before();
        if (may_answer) co_return objection_;
    }
    if (cluster != cluster_) {
        has_looked_ = false;
        written_at_.reset();
    }
    cluster_ = cluster;
    is_unanswered_ = dependencies_.identity.is_unanswered();
    bool const has_file = !cluster.empty() || is_unanswered_;
    bool can_look = false;
    if (has_file) can_look = co_await is_right_place();
    if (can_look) can_look = co_await know_installation();
    Look found;
    // Which cluster's file to write is not known yet.
    auto const own = is_unanswered_ ? std::string() : cluster;
    if (can_look) found = co_await claim(own);
    objection_ = report(found);
    owns_ = can_look && has_own_ && !own.empty() && objection_.to_orders.empty();
    is_named_ = can_look && names_own_ && !own.empty();
    looked_at_ = dependencies_.time.steady_now();
    // A write may fail once: the next order tries again.
    if (!can_look || !found.not_shown.empty()) looked_at_.reset();
    if (!can_look) watched_.clear();
    if (is_unanswered_) objection_.to_deleting = "which cluster this is is not known yet: it has not answered";
    else if (has_file && !can_look)
        objection_.to_deleting = "it cannot be checked whether another installation uses LocalPath";
    co_return objection_;
}

task<void> OwnerWatch::finish() {
    auto const lock = co_await mutex_.lock();
    if (!written_at_ || cluster_.empty() || !objection_.to_orders.empty()) co_return;
    bool const may_write = co_await is_right_place();
    auto const text = co_await dependencies_.catalog.owner_file(cluster_);
    if (!may_write || !text || !*text) co_return;
    auto const found = parse_owner(**text);
    bool const is_mine = found && names_me(*found) && !found->stopped;
    if (is_mine) co_await write(cluster_, true);
}

}  // namespace sb::engine
