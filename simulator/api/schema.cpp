#include "simulator/api/schema.hpp"

#include "common/json/writer.hpp"

#include <algorithm>

namespace sb::sim {
namespace {

using Problems = std::vector<std::string>;

void append(Problems& to, Problems more) {
    for (auto& problem : more) to.push_back(std::move(problem));
}

bool has_type(json::View value, Type type) {
    switch (type) {
        case Type::string: return value.is_string();
        case Type::integer: return value.integer().has_value();
        case Type::boolean: return value.is_bool();
        case Type::object: return value.is_object();
        case Type::array: return value.is_array();
    }
    return false;
}

char const* name_of_type(Type type) {
    switch (type) {
        case Type::string: return "string";
        case Type::integer: return "integer";
        case Type::boolean: return "boolean";
        case Type::object: return "object";
        case Type::array: return "array";
    }
    return "";
}

bool is_one_of(std::vector<std::string_view> const& allowed, json::View value) {
    return std::find(allowed.begin(), allowed.end(), value.text()) != allowed.end();
}

Problems check_field(Field const& field, json::View value, std::string const& where) {
    if (!has_type(value, field.type))
        return {where + ": expected " + name_of_type(field.type) + ", got " + value.dump()};
    if (!field.allowed.empty() && field.type == Type::string && !is_one_of(field.allowed, value))
        return {where + ": \"" + value.text() + "\" is not one of the allowed values"};
    if (field.type == Type::object && field.of) return problems_of(*field.of, value, where);
    Problems problems;
    if (field.type == Type::array) {
        std::size_t index = 0;
        for (auto const element : value.elements()) {
            auto const place = where + "/" + std::to_string(index++);
            if (field.of) {
                append(problems, problems_of(*field.of, element, place));
            } else if (!element.is_string()) {
                problems.push_back(place + ": expected string, got " + element.dump());
            }
        }
    }
    return problems;
}

}  // namespace

Problems problems_of(Schema const& schema, json::View value, std::string const& where) {
    if (!value.is_object()) return {(where.empty() ? "/" : where) + ": expected object"};
    Problems problems;
    for (auto const& [name, member] : value.members()) {
        auto const is_named = [&name = name](Field const& field) { return field.name == name; };
        auto const field = std::find_if(schema.fields.begin(), schema.fields.end(), is_named);
        auto const place = where + "/" + std::string(name);
        if (field != schema.fields.end()) {
            append(problems, check_field(*field, member, place));
        } else if (schema.closed) {
            problems.push_back(place + ": Property not allowed");
        }
    }
    for (auto const& field : schema.fields)
        if (field.required && !value[field.name].exists())
            problems.push_back(where + "/" + std::string(field.name) + ": Missing property");
    return problems;
}

std::string refusal_as_json(Problems const& problems) {
    std::string all;
    for (auto const& problem : problems) all += (all.empty() ? "" : "; ") + problem;
    json::Writer out;
    out.begin_object().member("error", all).end_object();
    return out.take();
}

std::string refusal_as_text(Problems const& problems) {
    std::string all = "Request has one or more errors\n  body\n";
    for (auto const& problem : problems) all += "    " + problem + "\n";
    return all;
}

}  // namespace sb::sim
