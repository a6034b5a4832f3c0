#pragma once
// The folder at which a listing is: when it does not return, people must know which one to look at.

#include <mutex>
#include <string>
#include <utility>

namespace sb::catalog {

class FolderBeingRead {
public:
    void set(std::string folder) {
        std::lock_guard const lock(mutex_);
        folder_ = std::move(folder);
    }
    /// Of the listing that got to a folder last; empty = none is being read.
    std::string folder() const {
        std::lock_guard const lock(mutex_);
        return folder_;
    }

private:
    mutable std::mutex mutex_;
    std::string folder_;
};

}  // namespace sb::catalog
