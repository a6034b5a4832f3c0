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

template <class... Notification>
void check_notifications(TypeList<Notification...>) {
    (check_fields<typename Notification::Params>(Notification::name), ...);
}

template <class... Value>
void check_values(TypeList<Value...>) {
    (check_fields<Value>("the table of values"), ...);
}

TEST(Fields, OfMethodsAreAsManyAsTheMembers) { check_methods(Methods()); }
TEST(Fields, OfNotificationsAreAsManyAsTheMembers) { check_notifications(Notifications()); }
TEST(Fields, OfValuesAreAsManyAsTheMembers) { check_values(Values()); }

}  // namespace
}  // namespace sb::rpc
