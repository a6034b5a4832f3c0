#pragma once
// Makes the descriptors of one section's keys: a key is bound to its member of the Config once, and reading, showing
// and comparing follow. Internal to this folder.

#include "common/config/key_type.hpp"

#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

namespace sb::config {

/// What a member is when it is set; nullptr if it is not.
template <class T>
T const* set_value(std::optional<T> const& member) {
    return member ? &*member : nullptr;
}
template <class T>
T const* set_value(T const& member) {
    if constexpr (requires { member.empty(); }) return member.empty() ? nullptr : &member;
    else return &member;
}

template <class T>
bool same(T const& a, T const& b) {
    if constexpr (std::is_same_v<T, Secret>) return a.reveal() == b.reveal();
    else return a == b;
}

/// The section, or nullptr if it is absent.
template <class S>
S* section_in(std::optional<S>& section) {
    return section ? &*section : nullptr;
}
template <class S>
S const* section_in(std::optional<S> const& section) {
    return section ? &*section : nullptr;
}
template <class S>
S* section_in(S& section) {
    return &section;
}

/// A section that may be absent, with its defaults; one that is always there stays as it is.
template <class S>
void make_section(std::optional<S>& section) {
    if (!section) section.emplace();
}
template <class S>
void make_section(S&) {}

template <class Section>
class KeyTable {
public:
    /// Section is a part of Config, or an optional one.
    KeyTable(Section Config::*where, std::string_view name, std::string_view help) : where_(where) {
        section_.name = name;
        section_.help = help;
        section_.is_present = [where](Config const& config) { return section_in(config.*where) != nullptr; };
        section_.create = [where](Config& config) { make_section(config.*where); };
    }

    KeyTable& required() {
        section_.required = true;
        return *this;
    }

    KeyTable& optional(std::string_view if_absent) {
        section_.if_absent = if_absent;
        return *this;
    }

    KeyTable& obsolete() {
        section_.obsolete = true;
        return *this;
    }

    /// `member`: a pointer to a member, or a function from the section to one. `parameter` of a type is what the member
    /// holds when it is set.
    template <class Member, class T>
    KeyTable& add(KeyFacts facts, Member member, Type<T> type) {
        Key key{std::move(facts), static_cast<TypeFacts const&>(type), section_.name, {}, {}, {}, {}};
        auto const get = [member, where = where_](Config const& config) -> T const* {
            auto const* section = section_in(config.*where);
            return section == nullptr ? nullptr : set_value(std::invoke(member, *section));
        };
        key.read = [member, where = where_, parse = std::move(type.parse)](Config& config, Value const& value,
                                                                           Reject const& reject) {
            auto parsed = parse(value, reject);
            if (parsed) std::invoke(member, *section_in(config.*where)) = *std::move(parsed);
        };
        key.value = [get, write = std::move(type.write)](Config const& config) -> std::optional<std::string> {
            auto const* value = get(config);
            if (value == nullptr) return std::nullopt;
            return write(*value);
        };
        key.equal = [get, equal = std::move(type.equal)](Config const& a, Config const& b) {
            auto const* one = get(a);
            auto const* other = get(b);
            if (one == nullptr || other == nullptr) return one == other;
            return equal ? equal(*one, *other) : same(*one, *other);
        };
        key.copy = [member, where = where_](Config const& from, Config& to) {
            auto const* source = section_in(from.*where);
            auto* target = section_in(to.*where);
            if (source != nullptr && target != nullptr) std::invoke(member, *target) = std::invoke(member, *source);
        };
        section_.keys.push_back(std::move(key));
        return *this;
    }

    KeySection take() { return std::move(section_); }

private:
    Section Config::*where_;
    KeySection section_;
};

}  // namespace sb::config
