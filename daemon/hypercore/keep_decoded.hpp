#pragma once
// A check of a reply that keeps what it decoded, so that nothing is decoded twice.

#include "common/error.hpp"
#include "daemon/net/http.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace sb::hypercore {

/// `read(body)` gives a Result<T>. The value is shared: the check may still run when its caller is gone.
template <class T, class Read>
auto keeping(std::shared_ptr<std::optional<T>> into, Read read) {
    return [into = std::move(into), read = std::move(read)](net::HttpReply const& reply) -> Result<void> {
        auto value = read(reply.body);
        if (!value) return value.error();
        *into = std::move(*value);
        return {};
    };
}

}  // namespace sb::hypercore
