#pragma once
// Numbers texts in the order of their first appearance: 0, 1, 2 … A flat table, because one planning pass looks up
// hundreds of thousands of backups, and a node for each VM would cost a cache miss for each backup.

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace sb::core {

class Interner {
public:
    static constexpr std::size_t none = static_cast<std::size_t>(-1);

    std::size_t size() const { return ends_.size(); }

    /// `none` if it was never added.
    std::size_t find(std::string_view text) const {
        if (slots_.empty()) return none;
        auto const hash = std::hash<std::string_view>{}(text);
        auto const& slot = slots_[place_of(text, hash)];
        return slot.used ? slot.number : none;
    }

    std::size_t add(std::string_view text) {
        if (size() * 2 >= slots_.size()) grow();
        auto const hash = std::hash<std::string_view>{}(text);
        auto& slot = slots_[place_of(text, hash)];
        if (!slot.used) {
            slot = {hash, static_cast<std::uint32_t>(size()), true};
            texts_ += text;
            ends_.push_back(texts_.size());
        }
        return slot.number;
    }

private:
    struct Slot {
        std::size_t hash = 0;
        std::uint32_t number = 0;
        bool used = false;
    };

    std::string_view text_of(std::size_t number) const {
        auto const begin = number == 0 ? 0 : ends_[number - 1];
        return std::string_view(texts_).substr(begin, ends_[number] - begin);
    }

    std::size_t place_of(std::string_view text, std::size_t hash) const {
        auto const mask = slots_.size() - 1;
        auto place = hash & mask;
        while (slots_[place].used && (slots_[place].hash != hash || text_of(slots_[place].number) != text))
            place = (place + 1) & mask;
        return place;
    }

    void grow() {
        std::vector<Slot> const old = std::move(slots_);
        slots_.assign(old.empty() ? 64 : old.size() * 2, Slot{});
        for (auto const& slot : old)
            if (slot.used) slots_[place_of(text_of(slot.number), slot.hash)] = slot;
    }

    std::vector<Slot> slots_;  ///< a power of two, at most half full
    std::string texts_;        ///< one after the other, so that comparisons hit the cache
    std::vector<std::size_t> ends_;
};

}  // namespace sb::core
