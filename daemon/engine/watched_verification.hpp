#pragma once
// The verification, with a watch over reads that do not return. A content is read in slices, and each is watched for
// itself: a verification that makes progress is not slow, however long it takes.

#include "daemon/engine/storage_watch.hpp"
#include "daemon/ports/verification.hpp"

#include <memory>
#include <string>
#include <utility>

namespace sb::engine {

class WatchedVerification final : public ports::Verification {
public:
    /// What reads, and what its calls mean for other work; both for people.
    struct User {
        std::string does;         ///< "reading for a verification": the subject of the condition
        std::string consequence;  ///< of a call that does not return
    };

    WatchedVerification(std::shared_ptr<ports::Verification> below, StorageWatch& watch, User user)
        : below_(std::move(below)), watched_(std::make_shared<Watched const>(watch, std::move(user))) {}

    task<Result<void>> check_structure(std::string backup, core::Level level) override {
        auto call = below_->check_structure(backup, level);
        return watched_->run(std::move(backup), std::move(call));
    }
    task<Result<bool>> record_structure(std::string backup, UtcTime at) override {
        auto call = below_->record_structure(backup, at);
        return watched_->run(std::move(backup), std::move(call));
    }
    task<Result<std::shared_ptr<ports::Reading>>> begin_reading(std::string backup, UtcTime started) override {
        auto call = below_->begin_reading(backup, started);
        auto begun = watched_->run(backup, std::move(call));
        auto const reading = co_await std::move(begun);
        if (!reading) co_return reading.error();
        std::shared_ptr<ports::Reading> seen = std::make_shared<WatchedReading>(*reading, watched_, std::move(backup));
        co_return seen;
    }
    task<Result<void>> record_damage(std::string backup, core::Damage damage) override {
        auto call = below_->record_damage(backup, std::move(damage));
        return watched_->run(std::move(backup), std::move(call));
    }

private:
    struct Watched {
        Watched(StorageWatch& with, User of) : watch(with), user(std::move(of)) {}

        template <class T>
        task<T> run(std::string backup, task<T> call) const {
            auto const running = watch.begin(user.does, std::move(backup), user.consequence);
            co_return co_await std::move(call);
        }

        StorageWatch& watch;
        User user;
    };

    class WatchedReading final : public ports::Reading {
    public:
        WatchedReading(std::shared_ptr<ports::Reading> below, std::shared_ptr<Watched const> watched,
                       std::string backup)
            : below_(std::move(below)), watched_(std::move(watched)), backup_(std::move(backup)) {}

        task<Result<ports::Slice>> advance(std::uint64_t max_bytes) override {
            return watched_->run(backup_, below_->advance(max_bytes));
        }
        task<Result<void>> save_progress() override { return watched_->run(backup_, below_->save_progress()); }
        task<Result<ports::VerifyResult>> finish(UtcTime at) override {
            return watched_->run(backup_, below_->finish(at));
        }
        task<Result<void>> discard_progress() override { return watched_->run(backup_, below_->discard_progress()); }

    private:
        std::shared_ptr<ports::Reading> below_;
        std::shared_ptr<Watched const> watched_;
        std::string backup_;
    };

    std::shared_ptr<ports::Verification> below_;
    std::shared_ptr<Watched const> watched_;
};

}  // namespace sb::engine
