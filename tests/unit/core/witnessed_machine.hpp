#pragma once
// A machine whose clocks a test moves by hand, for tests of the clock witness. Header-only.

#include "daemon/core/clock_witness.hpp"

#include <optional>
#include <string>

namespace sb::core::samples {

using namespace std::chrono_literals;
using std::chrono::days;

/// A machine, its daemon's witness and a cluster.
struct WitnessedMachine {
    ClockReading reading() const {
        ClockReading reading{wall, boot, boot_id};
        if (cluster_ahead) reading.cluster = wall + *cluster_ahead;
        return reading;
    }
    ClockChange observe() { return witness.observe(reading()); }
    void pass(Milliseconds time) {
        wall += time;
        boot += time;
    }
    /// The first change on the way.
    ClockChange run_for(Milliseconds time) {
        for (Milliseconds passed{0}; passed < time; passed += 30min) {
            pass(30min);
            if (auto const change = observe(); change != ClockChange::none) return change;
        }
        return ClockChange::none;
    }
    /// The wall clock jumps; the cluster's does not.
    void step(Milliseconds by) {
        wall += by;
        if (cluster_ahead) *cluster_ahead -= by;
    }
    void restart_daemon() { witness = ClockWitness::from_text(witness.text()); }
    void lose_the_record() { witness = ClockWitness::from_text(""); }
    void restart_machine(Milliseconds off = 1min) {
        restart_daemon();
        wall += off;
        boot = SteadyTime{20s};
        boot_id += "x";
    }

    UtcTime wall{2'000'000'000s};  // 2033-05-18 03:33
    SteadyTime boot{100h};
    std::string boot_id = "boot-1";
    std::optional<Milliseconds> cluster_ahead;
    ClockWitness witness;
};

}  // namespace sb::core::samples
