#include "common/rpc/codec.hpp"

#include "common/time.hpp"
#include "common/zone.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>

namespace sb::rpc {
namespace {

/// Parameters of methods that have none are empty structs.
template <class T>
constexpr bool has_fields = !std::is_empty_v<T>;

// ---- writing --------------------------------------------------------------------------------------

struct FieldWriter {
    json::Writer& out;

    template <class T>
    void required(std::string_view name, T const& value) {
        out.key(name);
        put(value);
    }
    template <class T>
    void optional(std::string_view name, T const& value) {
        required(name, value);
    }

    void put(std::string const& text) { out.string(text); }
    void put(bool truth) { out.boolean(truth); }
    void put(int number) { out.integer(number); }
    void put(std::int64_t number) { out.integer(number); }
    void put(std::uint64_t number) { out.unsigned_integer(number); }
    void put(UtcTime time) { out.string(format_rfc3339(time, local_offset(time))); }
    template <class T>
    void put(std::optional<T> const& value) {
        if (value) put(*value);
        else out.null();
    }
    template <class T>
    void put(std::vector<T> const& values) {
        out.begin_array();
        for (auto const& value : values) put(value);
        out.end_array();
    }
    template <class T>
    void put(T const& value) {
        out.begin_object();
        if constexpr (has_fields<T>) T::fields(*this, value);
        out.end_object();
    }
};

// ---- reading --------------------------------------------------------------------------------------

/// Where in the message a value is; it becomes text only for an error.
struct Path {
    Path const* parent = nullptr;
    std::string_view name;
    std::optional<std::size_t> index;

    std::string text() const {
        if (index) return parent->text() + "[" + std::to_string(*index) + "]";
        return parent ? parent->text() + "." + std::string(name) : std::string(name);
    }
};

std::string_view kind_of(json::View value) {
    if (value.is_object()) return "an object";
    if (value.is_array()) return "an array";
    if (value.is_string()) return "a string";
    if (value.is_number()) return "a number";
    if (value.is_bool()) return "a boolean";
    return "null";
}

/// Reads the fields of one object; stops at the first that is wrong, which is then in `error`.
struct FieldReader {
    json::View object;
    Path const& path;
    Errc code;
    std::optional<Error> error{};

    template <class T>
    void required(std::string_view name, T& value) {
        if (error) return;
        auto const member = object[name];
        Path const here{&path, name, {}};
        if (member.exists()) get(member, here, value);
        else error = Error{code, here.text() + " is missing"};
    }
    template <class T>
    void optional(std::string_view name, T& value) {
        auto const member = object[name];
        if (member.exists() && !member.is_null()) required(name, value);
    }

    void must_be(std::string_view what, json::View value, Path const& here) {
        error = Error{code, here.text() + " must be " + std::string(what) + ", not " +
                                std::string(value.is_number() ? value.dump() : kind_of(value))};
    }

    void get(json::View value, Path const& here, std::string& into) {
        if (auto const text = value.string()) into = std::string(*text);
        else must_be("a string", value, here);
    }
    void get(json::View value, Path const& here, bool& into) {
        if (auto const truth = value.boolean()) into = *truth;
        else must_be("true or false", value, here);
    }
    void get(json::View value, Path const& here, int& into) {
        auto const number = value.integer();
        bool const fits =
            number && *number >= std::numeric_limits<int>::min() && *number <= std::numeric_limits<int>::max();
        if (fits) into = static_cast<int>(*number);
        else must_be("a whole number", value, here);
    }
    void get(json::View value, Path const& here, std::int64_t& into) {
        if (auto const number = value.integer()) into = *number;
        else must_be("a whole number", value, here);
    }
    void get(json::View value, Path const& here, std::uint64_t& into) {
        if (auto const number = value.unsigned_integer()) into = *number;
        else must_be("a whole number that is not negative", value, here);
    }
    void get(json::View value, Path const& here, UtcTime& into) {
        auto const text = value.string();
        if (!text) return must_be("a time as a string", value, here);
        auto const time = parse_rfc3339(*text);
        if (time) into = *time;
        else error = while_doing(Error{code, time.error().context}, here.text());
    }
    template <class T>
    void get(json::View value, Path const& here, std::optional<T>& into) {
        into.reset();
        if (value.is_null()) return;
        get(value, here, into.emplace());
    }
    template <class T>
    void get(json::View value, Path const& here, std::vector<T>& into) {
        if (!value.is_array()) return must_be("an array", value, here);
        into.clear();
        into.reserve(value.size());
        for (auto const element : value.elements()) {
            if (error) return;
            Path const at{&here, {}, into.size()};
            get(element, at, into.emplace_back());
        }
    }
    template <class T>
    void get(json::View value, Path const& here, T& into) {
        if (!value.is_object()) return must_be("an object", value, here);
        FieldReader inner{value, here, code};
        if constexpr (has_fields<T>) T::fields(inner, into);
        error = std::move(inner.error);
    }
};

// ---- the table of all types -----------------------------------------------------------------------

template <class T>
void write_value(json::Writer& out, void const* value) {
    FieldWriter{out}.put(*static_cast<T const*>(value));
}

template <class T>
std::optional<Error> read_value(json::View object, std::string_view root, Errc code, void* value) {
    Path const path{nullptr, root, {}};
    FieldReader reader{object, path, code};
    if constexpr (has_fields<T>) T::fields(reader, *static_cast<T*>(value));
    return std::move(reader.error);
}

template <class... Types>
constexpr std::array<codec::Functions, sizeof...(Types)> functions_for(TypeList<Types...>) {
    return {codec::Functions{&write_value<Types>, &read_value<Types>}...};
}

}  // namespace

codec::Functions const& codec::functions_at(std::size_t place) {
    static constexpr auto table = functions_for(Types());
    return table.at(place);
}

Result<json::View> codec::params_object(json::View params) {
    bool const none = !params.exists() || params.is_null() || (params.is_array() && params.size() == 0);
    if (none) return json::View();
    if (params.is_object()) return params;
    return Error{Errc::invalid_params,
                 "params must be an object (parameters go by name), not " + std::string(kind_of(params))};
}

Result<json::View> codec::result_object(json::View result) {
    if (result.is_object()) return result;
    return Error{Errc::malformed, "result must be an object, not " + std::string(kind_of(result))};
}

}  // namespace sb::rpc
