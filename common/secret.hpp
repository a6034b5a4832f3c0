#pragma once
// A password that cannot be printed by accident: no stream operator, no conversion, memory cleansed.

#include <cstddef>
#include <string>
#include <utility>

namespace sb {

/// Overwrites the text and leaves it empty.
inline void cleanse(std::string& text) noexcept {
    // What the string has room for: one that was moved away says that it is empty, and still holds a short text in
    // itself.
    text.resize(text.capacity());
    // volatile: the compiler may not drop stores to memory that is about to be freed.
    volatile char* bytes = text.data();
    for (std::size_t i = 0; i < text.size(); ++i) bytes[i] = '\0';
    text.clear();
}

class Secret {
public:
    Secret() = default;
    /// Nothing is left in `value`.
    explicit Secret(std::string&& value) : value_(std::move(value)) { sb::cleanse(value); }
    explicit Secret(std::string const& value) : value_(value) {}
    Secret(Secret const&) = default;
    Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.cleanse(); }
    Secret& operator=(Secret const& other) {
        if (this != &other) {
            cleanse();
            value_ = other.value_;
        }
        return *this;
    }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            cleanse();
            value_ = std::move(other.value_);
            other.cleanse();
        }
        return *this;
    }
    ~Secret() { cleanse(); }

    /// The only way to the text. Use it where the secret goes on the wire, and nowhere else.
    std::string const& reveal() const { return value_; }
    bool empty() const { return value_.empty(); }

private:
    void cleanse() noexcept { sb::cleanse(value_); }

    std::string value_;
};

}  // namespace sb
