#pragma once
// Identifiers that cannot be mixed up: a VM's uuid is not a disk's, a task tag is not a job's id.

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>

namespace sb {

template <class Tag>
class TextId {
public:
    TextId() = default;
    explicit TextId(std::string text) : text_(std::move(text)) {}

    std::string const& text() const { return text_; }
    bool empty() const { return text_.empty(); }

    friend bool operator==(TextId const&, TextId const&) = default;
    friend auto operator<=>(TextId const&, TextId const&) = default;

private:
    std::string text_;
};

using VmUuid = TextId<struct VmUuidTag>;      ///< a VirDomain's uuid: the identity of a VM
using DiskUuid = TextId<struct DiskUuidTag>;  ///< a block device's uuid; exported as <uuid>.qcow2
using TaskTag = TextId<struct TaskTagTag>;    ///< the cluster's handle for a task: a decimal number as text

/// A job of this daemon. Counted by the journal; 0 = not journalled yet.
using JobId = std::uint64_t;

}  // namespace sb

template <class Tag>
struct std::hash<sb::TextId<Tag>> {
    std::size_t operator()(sb::TextId<Tag> const& id) const noexcept { return std::hash<std::string>{}(id.text()); }
};
