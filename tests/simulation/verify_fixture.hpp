#pragma once
// The verifier on a manual clock, with a share whose files have no content.

#include "daemon/engine/verifier.hpp"
#include "tests/simulation/schedule_fixture.hpp"

#include <map>
#include <memory>
#include <string>

namespace sb::test {

/// Reading takes no time; progress saved under the name of a verification is found again under that name.
class FakeVerification final : public ports::Verification {
public:
    explicit FakeVerification(FakeCatalog& catalog) : catalog_(catalog) {}

    std::uint64_t size = std::uint64_t{10} << 30;  ///< of every backup
    std::map<std::string, Error> bad_structure, bad_content;
    std::function<void(std::string const&)> on_read = [](std::string const&) {};  ///< for each slice
    bool full = false;                                                            ///< no manifest can be written
    std::map<std::pair<std::string, UtcTime>, std::uint64_t> kept;
    std::vector<std::string> started;  ///< "name at position"
    std::uint64_t read = 0;
    std::string digest_root{};  ///< of what is read

    task<Result<void>> check_structure(std::string backup, core::Level) override {
        if (auto const it = bad_structure.find(backup); it != bad_structure.end()) co_return it->second;
        co_return boost::system::in_place_value;
    }
    task<Result<bool>> record_structure(std::string backup, UtcTime at) override {
        auto& manifest = catalog_.manifests.at(backup);
        manifest.verified = core::with_verification(manifest.verified, core::Level::structure, at);
        co_return false;
    }
    task<Result<std::shared_ptr<ports::Reading>>> begin_reading(std::string backup, UtcTime at) override {
        std::shared_ptr<ports::Reading> reading = std::make_shared<FakeReading>(*this, backup, at);
        started.push_back(backup + " at " + std::to_string(kept[{backup, at}] >> 30));
        co_return reading;
    }
    task<Result<void>> record_damage(std::string backup, core::Damage damage) override {
        if (full) co_return Error{Errc::no_space, "the share is full"};
        if (!catalog_.manifests.contains(backup)) co_return Error{Errc::not_found, "no backup"};
        catalog_.manifests.at(backup).damage = damage;
        co_return boost::system::in_place_value;
    }

private:
    class FakeReading final : public ports::Reading {
    public:
        FakeReading(FakeVerification& all, std::string backup, UtcTime at)
            : all_(all), key_(std::move(backup), at), position_(all.kept[key_]) {}
        task<Result<ports::Slice>> advance(std::uint64_t max_bytes) override {
            all_.on_read(key_.first);
            if (auto const it = all_.bad_content.find(key_.first); it != all_.bad_content.end()) co_return it->second;
            auto const some = std::min(max_bytes, all_.size - position_);
            position_ += some;
            all_.read += some;
            ports::Slice slice{some, position_, all_.size, position_ == all_.size};
            co_return slice;
        }
        task<Result<void>> save_progress() override {
            all_.kept[key_] = position_;
            co_return boost::system::in_place_value;
        }
        task<Result<ports::VerifyResult>> finish(UtcTime at) override {
            auto& manifest = all_.catalog_.manifests.at(key_.first);
            ports::VerifyResult held;
            held.digest_root = all_.digest_root;
            held.level = core::content_verified_at(manifest.verified) ? core::Level::reread : core::Level::content;
            manifest.verified = core::with_verification(manifest.verified, held.level, at);
            all_.kept.erase(key_);
            co_return held;
        }
        task<Result<void>> discard_progress() override {
            all_.kept.erase(key_);
            co_return boost::system::in_place_value;
        }

    private:
        FakeVerification& all_;
        std::pair<std::string, UtcTime> key_;
        std::uint64_t position_ = 0;
    };

    FakeCatalog& catalog_;
};

struct VerifyFixture : EngineFixture {
    FakeVerification verification{catalog};
    FakeAlerts alerts;
    RuleZone zone = utc();
    engine::VerifySettings settings;
    std::vector<bool> damaged_at_change;  ///< for each change: whether the backup was already marked
    std::unique_ptr<engine::Verifier> verifier;
    std::unique_ptr<TaskGroup> group;

    VerifyFixture() {
        time.jump_wall_clock(12h);
        settings.policy = {true, true, {}};
        settings.times.window = core::DailyWindow{17h, 6h};
        settings.bytes_per_second = 100u << 20;
    }
    ~VerifyFixture() { stop(); }

    void start() {
        engine::Verifier::Dependencies dependencies{
            io.get_executor(),
            shown,
            verification,
            journal,
            time,
            alerts,
            zone,
            [this] { return settings; },
            engine->recorder(),
            engine->leases(),
            *evidence,
            [this](core::Job const& job) { note_change(job); },
            [] {},
            1h,
            [this](std::string const& name, auto damage) { shown.set(name, std::move(damage)); }};
        verifier = std::make_unique<engine::Verifier>(std::move(dependencies));
        group = std::make_unique<TaskGroup>(io.get_executor(),
                                            [](std::exception_ptr) { ADD_FAILURE() << "the verifier crashed"; });
        EXPECT_TRUE(get(verifier->start()));
        group->spawn(verifier->run());
        time.settle();
    }
    /// As a SIGTERM or worse: unsaved progress is lost.
    void stop() {
        if (!group) return;
        group->stop();
        auto drain = [](TaskGroup& g) -> task<Result<void>> {
            co_await g.join();
            co_return boost::system::in_place_value;
        };
        EXPECT_TRUE(get(drain(*group)));
        group.reset();
        verifier.reset();
    }
    /// What a client that follows the jobs sees, and the backup's state at that moment.
    void note_change(core::Job const& job) {
        changes.push_back(job);
        if (catalog.manifests.contains(job.backup))
            damaged_at_change.push_back(catalog.manifests[job.backup].damage.has_value());
    }
    void add_backup(std::string const& name, Milliseconds age = 24h) {
        core::Manifest manifest;
        manifest.backup = name;
        manifest.vm_uuid = VmUuid{"uuid-of-A"};
        manifest.end = core::ExportEnd::seen;
        manifest.vm_name = "A";
        manifest.started = manifest.completed = time.now() - age;
        manifest.verified = core::with_verification({}, core::Level::structure, manifest.completed);
        catalog.folders.insert(name);
        catalog.manifests[name] = manifest;
    }
    std::string level_of(std::string const& name) { return catalog.manifests.at(name).verified->level; }
    JobId verify(std::string const& name, core::Level level = core::Level::content) {
        auto const jobs = get(verifier->submit({name}, level));
        if (!jobs || jobs->size() != 1) {
            ADD_FAILURE() << (jobs ? "no job" : jobs.error().context);
            return 0;
        }
        return jobs->front().id;
    }
    core::Job ended(JobId id) {
        EXPECT_TRUE(time.run_until_done([&] { return journal.jobs[id].phase == core::Phase::finished; }, 100h));
        return journal.jobs[id];
    }
};

}  // namespace sb::test
