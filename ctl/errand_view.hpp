#pragma once
// What is shown of an errand while it goes on: one line that is drawn over on a terminal, else a line for each change of
// phase and each tenth.

#include "ctl/byte_pace.hpp"
#include "ctl/console.hpp"
#include "ctl/render/disk_pages.hpp"
#include "ctl/render/progress_line.hpp"

#include <string>

namespace sb::ctl {

class ErrandView {
public:
    /// `name`: of the file or the disk. `console` must outlive it.
    ErrandView(Console& console, std::string name) : console_(console), name_(std::move(name)) {}
    ~ErrandView() { finish(); }
    ErrandView(ErrandView const&) = delete;
    ErrandView& operator=(ErrandView const&) = delete;

    void show(rpc::ErrandInfo const& errand);
    /// Leaves the terminal clean.
    void finish();

private:
    void say_in_lines(rpc::ErrandInfo const& errand);

    Console& console_;
    std::string name_;
    BytePace pace_;
    LiveLines lines_;
    std::string said_phase_;
    int said_tens_ = 0;
};

}  // namespace sb::ctl
