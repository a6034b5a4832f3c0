#pragma once
// What is shown of an operation while it goes on: one line that is drawn over on a terminal, else a line for each
// change of phase and each tenth.

#include "ctl/throughput.hpp"
#include "ctl/console.hpp"
#include "ctl/render/disk_pages.hpp"
#include "ctl/render/progress_line.hpp"

#include <string>

namespace sb::ctl {

class OperationView {
public:
    /// `name`: of the file or the disk. `console` must outlive it.
    OperationView(Console& console, std::string name) : console_(console), name_(std::move(name)) {}
    ~OperationView() { finish(); }
    OperationView(OperationView const&) = delete;
    OperationView& operator=(OperationView const&) = delete;

    void show(rpc::OperationInfo const& operation);
    /// Leaves the terminal clean.
    void finish();

private:
    void say_in_lines(rpc::OperationInfo const& operation);

    Console& console_;
    std::string name_;
    Throughput pace_;
    LiveLines lines_;
    std::string said_phase_;
    int said_tens_ = 0;
};

}  // namespace sb::ctl
