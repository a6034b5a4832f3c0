#pragma once
// The types of methods.hpp as JSON and back. scale-backupctl --json prints with the same functions.
//
// Times are RFC 3339 with the local offset, an empty optional is null, sizes are bytes. In reading, unknown
// fields are ignored, so that an older program understands a newer one.
//
// The templates over the fields are compiled in codec.cpp alone; here is only the way to them: a type's place in the
// list of all types.

#include "common/error.hpp"
#include "common/json/document.hpp"
#include "common/json/writer.hpp"
#include "common/rpc/methods.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace sb::rpc {
namespace codec {

template <class... Method, class... Notification, class... Value>
TypeList<typename Method::Params..., typename Method::Reply..., typename Notification::Params..., Value...> types_of(
    TypeList<Method...>, TypeList<Notification...>, TypeList<Value...>);

/// Every type that can be written and read.
using Types = decltype(types_of(Methods(), Notifications(), Values()));

/// The number of types, if T is none of them.
template <class T, class... Types>
constexpr std::size_t place_in(TypeList<Types...>) {
    std::size_t place = 0;
    static_cast<void>(((std::is_same_v<T, Types> || (++place, false)) || ...));
    static_assert((std::is_same_v<T, Types> || ...), "this type is not in the tables of common/rpc/methods.hpp");
    return place;
}

/// How one type is written and read; `value` points to it.
struct Functions {
    void (*write)(json::Writer& out, void const* value);
    std::optional<Error> (*read)(json::View object, std::string_view root, Errc code, void* value);
};

Functions const& functions_at(std::size_t place);

template <class T>
Functions const& functions_of() {
    return functions_at(place_in<T>(Types()));
}

/// The object whose members are to be read; nothing for absent parameters.
Result<json::View> params_object(json::View params);
Result<json::View> result_object(json::View result);

}  // namespace codec

/// Writes the value as one JSON object.
template <class T>
void write(json::Writer& out, T const& value) {
    codec::functions_of<T>().write(out, &value);
}

/// A list as one JSON array: what show-vms, show-backups and jobs print.
template <class T>
void write(json::Writer& out, std::vector<T> const& values) {
    out.begin_array();
    for (auto const& value : values) write(out, value);
    out.end_array();
}

/// The value as compact JSON.
template <class T>
std::string encode(T const& value) {
    json::Writer out;
    write(out, value);
    return out.take();
}

/// Reads the parameters of a call (nothing, and an empty array, stand for an object without members). A missing or
/// wrong field is Errc::invalid_params, with its path: "params.vm is missing".
template <class T>
Result<T> decode(json::View params) {
    auto const object = codec::params_object(params);
    if (!object) return object.error();
    T value{};
    auto error = codec::functions_of<T>().read(*object, "params", Errc::invalid_params, &value);
    if (error) return std::move(*error);
    return value;
}

/// Reads what a call returned, or a notification's parameters. Wrong ones are Errc::malformed: "result.job.id is
/// missing".
template <class T>
Result<T> decode_reply(json::View result) {
    auto const object = codec::result_object(result);
    if (!object) return object.error();
    T value{};
    auto error = codec::functions_of<T>().read(*object, "result", Errc::malformed, &value);
    if (error) return std::move(*error);
    return value;
}

}  // namespace sb::rpc
