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

bool OwnerWatch::is_mine(LocalPathOwner const& found) const {
    return found.installation == installation_ && !found.stopped && is_same_place(found, mine());
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

task<void> OwnerWatch::write(std::string cluster, bool stopped) {
    auto owner = mine();
    owner.stopped = stopped;
    auto text = owner_text(owner);
    auto const written = co_await dependencies_.catalog.write_owner_file(std::move(cluster), std::move(text));
    if (written) written_at_ = dependencies_.time.steady_now();
    else spdlog::warn("the file that says who uses LocalPath could not be written: {}", written.error().context);
}

task<OwnerWatch::Look> OwnerWatch::look_at(std::string cluster, bool is_first_look) {
    Look look;
    has_own_ = false;
    auto const text = co_await dependencies_.catalog.owner_file(cluster);
    if (!text) {
        look.unusable = text.error().context;
        co_return look;
    }
    auto const found = *text ? parse_owner(**text) : std::nullopt;
    has_own_ = found && is_mine(*found);
    if (found && may_be_alive(*found, mine(), is_first_look) && !is_unchanged_long_enough(cluster, **text))
        look.other = other_installation(*found);
    co_return look;
}

task<OwnerWatch::Look> OwnerWatch::look_at_own(std::string cluster) {
    auto const look = co_await look_at(cluster, !has_looked_);
    if (look.unusable.empty()) has_looked_ = true;
    if (!look.other.empty() || !look.unusable.empty()) co_return look;
    auto const now = dependencies_.time.steady_now();
    bool const is_new = !has_own_;
    if (is_new || !written_at_ || now - *written_at_ >= write_every) co_await write(cluster, false);
    // Another one that started at the same moment may have written its own since.
    if (is_new) co_return co_await look_at(cluster, false);
    co_return look;
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
    return {why, why};
}

task<OwnerObjection> OwnerWatch::objection() {
    auto const lock = co_await mutex_.lock();
    auto const uuid = dependencies_.identity.present().uuid;
    // One that refuses to say which one it is has a file, too, so that two installations for it notice each other.
    bool const is_untold = uuid.empty() && !dependencies_.identity.is_unanswered();
    auto const cluster = is_untold ? std::string(untold_cluster) : uuid;
    if (is_recent(cluster)) co_return objection_;
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
    // Each other file may be of the same cluster.
    if (can_look && (is_unanswered_ || is_untold)) found = co_await look_at_all();
    if (can_look && !is_unanswered_ && found.other.empty() && found.unusable.empty())
        found = co_await look_at_own(cluster);
    objection_ = report(found);
    looked_at_ = dependencies_.time.steady_now();
    if (!can_look) {
        looked_at_.reset();
        watched_.clear();
    }
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
    if (found && is_mine(*found)) co_await write(cluster_, true);
}

}  // namespace sb::engine
