#pragma once
// Where replies are decoded: small ones immediately, large ones on a dedicated thread, because the event loop serves
// everything else meanwhile. Megabytes of JSON take tens of milliseconds.

#include "daemon/async/pool.hpp"

#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace sb::hypercore {

class Decoder {
public:
    static constexpr std::size_t largest_on_loop = 64 * 1024;  ///< bytes

    /// What `work()`, which decodes so many bytes, returns. It may run on the other thread while its caller is
    /// destroyed, so it owns or shares all that it uses. Cancellation does not interrupt it.
    template <class Work>
    task<std::invoke_result_t<Work&>> run(std::size_t bytes, Work work) {
        if (bytes <= largest_on_loop) co_return work();
        if (!thread_) thread_ = std::make_unique<BlockingPool>(1);
        co_return co_await thread_->run(std::move(work));
    }

private:
    std::unique_ptr<BlockingPool> thread_;  ///< created with the first large reply
};

}  // namespace sb::hypercore
