#pragma once
// Asks work on another thread to end soon. All copies are one flag.

#include <atomic>
#include <memory>

namespace sb {

class StopFlag {
public:
    void set() const { flag_->store(true, std::memory_order_relaxed); }
    bool is_set() const { return flag_->load(std::memory_order_relaxed); }

private:
    std::shared_ptr<std::atomic<bool>> flag_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace sb
