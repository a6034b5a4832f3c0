// No member of a protocol struct is missing in its list of fields.
#include "common/rpc/methods.hpp"

#include <gtest/gtest.h>

#include <boost/pfr/tuple_size.hpp>

#include <optional>
#include <type_traits>
#include <vector>

namespace sb::rpc {
namespace {

template <class T>
void check_fields(std::string_view owner);

/// Counts a struct's fields, and checks the structs that they hold.
struct FieldCounter {
    std::string_view owner;
    std::size_t count = 0;

    template <class T>
    void required(std::string_view, T const&) {
        ++count;
        descend(static_cast<T*>(nullptr));
    }
    template <class T>
    void optional(std::string_view name, T const& value) {
        required(name, value);
    }

    template <class T>
    void descend(std::optional<T>*) {
        descend(static_cast<T*>(nullptr));
    }
    template <class T>
    void descend(std::vector<T>*) {
        descend(static_cast<T*>(nullptr));
    }
    template <class T>
    void descend(T*) {
        if constexpr (std::is_aggregate_v<T>) check_fields<T>(owner);
    }
};

template <class T>
void check_fields(std::string_view owner) {
    FieldCounter counter{owner};
    if constexpr (!std::is_empty_v<T>) {
        T const value{};
        T::fields(counter, value);
        EXPECT_EQ(counter.count, boost::pfr::tuple_size_v<T>)
            << "a struct of " << owner << ", see " << __PRETTY_FUNCTION__;
    }
}

template <class... Method>
void check_methods(TypeList<Method...>) {
    (check_fields<typename Method::Params>(Method::name), ...);
    (check_fields<typename Method::Reply>(Method::name), ...);
}

TEST(Fields, AreAsManyAsTheMembers) { check_methods(Methods()); }

}  // namespace
}  // namespace sb::rpc
