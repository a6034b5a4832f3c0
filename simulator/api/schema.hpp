#pragma once
// The contents of request bodies: our own table of keys and types for each call, according to the vendor's API
// document. A closed object refuses unknown keys; an open one accepts them.

#include "common/json/document.hpp"

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace sb::sim {

struct Schema;

enum class Type { string, integer, boolean, object, array };

struct Field {
    std::string_view name;
    Type type = Type::string;
    bool required = false;
    Schema const* of = nullptr;  ///< of an object, or of an array's elements; nullptr = anything is accepted
    std::vector<std::string_view> allowed = {};  ///< the allowed values of a string (or of an array's strings)
};

struct Schema {
    std::vector<Field> fields;
    bool closed = false;
};

/// Every problem of `value`; empty if it is valid. `where` is the current JSON pointer.
std::vector<std::string> problems_of(Schema const& schema, json::View value, std::string const& where = "");

/// The texts of a refusal: as JSON, or as the plain-text tree of the request validator.
std::string refusal_as_json(std::vector<std::string> const& problems);
std::string refusal_as_text(std::vector<std::string> const& problems);

// The calls' bodies. For `action` the schema of one element.
namespace schemas {
Schema const& login();
Schema const& vm_create();
Schema const& vm_replace();
Schema const& vm_patch();
Schema const& vm_action();
Schema const& vm_clone();
Schema const& vm_export();
Schema const& vm_import();
Schema const& device_create();
Schema const& device_replace();
Schema const& device_patch();
Schema const& device_clone();
Schema const& disk_attach();
Schema const& nic_create();
Schema const& nic_replace();
Schema const& snapshot_create();
Schema const& schedule_create();
Schema const& schedule_replace();
Schema const& schedule_patch();
Schema const& cluster_replace();
Schema const& cluster_patch();
Schema const& cluster_shutdown();
Schema const& user_create();
Schema const& user_replace();
Schema const& user_patch();
Schema const& iso_create();
Schema const& iso_replace();
Schema const& iso_patch();
}  // namespace schemas

}  // namespace sb::sim
