// Bodies of the calls on snapshots, users, images and the cluster itself.

#include "simulator/api/schema.hpp"

namespace sb::sim::schemas {
namespace {

using enum Type;

std::vector<std::string_view> const snapshot_types{"USER", "AUTOMATED", "SUPPORT"};
Schema const any_value{};
Schema const rule{{{"uuid"},
                   {"dtstart", string, true},
                   {"rrule", string, true},
                   {"localRetentionDurationSeconds", integer, true},
                   {"name", string, true},
                   {"remoteRetentionDurationSeconds", integer},
                   {"replication", boolean}},
                  false};

std::vector<Field> user_fields(bool create) {
    return {{"username", string, create}, {"password"}, {"fullName"}, {"roleUUIDs", array}, {"sessionLimit", integer}};
}

std::vector<Field> with_uuid(std::vector<Field> fields) {
    fields.push_back({"uuid"});
    return fields;
}

}  // namespace

Schema const& login() {
    static Schema const schema{{{"username", string, true}, {"password", string, true}, {"useOIDC", boolean}}, false};
    return schema;
}

Schema const& snapshot_create() {
    static Schema const schema{{{"domainUUID"},
                                {"label"},
                                {"type", string, false, nullptr, snapshot_types},
                                {"automatedTriggerTimestamp", integer},
                                {"localRetainUntilTimestamp", integer},
                                {"remoteRetainUntilTimestamp", integer},
                                {"blockCountDiffFromSerialNumber", integer},
                                {"replication", boolean}},
                               true};
    return schema;
}

Schema const& schedule_create() {
    static Schema const schema{{{"name", string, true}, {"rrules", array, true, &rule}}, true};
    return schema;
}

Schema const& schedule_replace() {
    static Schema const schema{with_uuid(schedule_create().fields), true};
    return schema;
}

Schema const& schedule_patch() {
    static Schema const schema{{{"name"}, {"rrules", array, false, &rule}}, true};
    return schema;
}

Schema const& cluster_patch() {
    static Schema const schema{{{"clusterName"}}, true};
    return schema;
}

Schema const& cluster_replace() {
    static Schema const schema{{{"uuid"},
                                {"filesystemID"},
                                {"clusterName"},
                                {"icosVersion"},
                                {"latestTaskTag", object},
                                {"brand"},
                                {"isRESTAPIEnabled", boolean}},
                               true};
    return schema;
}

Schema const& cluster_shutdown() {
    static Schema const schema{{{"forceShutdown", boolean, true}}, false};
    return schema;
}

Schema const& user_create() {
    static Schema const schema{user_fields(true), true};
    return schema;
}

Schema const& user_replace() {
    static Schema const schema{with_uuid(user_fields(true)), true};
    return schema;
}

Schema const& user_patch() {
    static Schema const schema{user_fields(false), true};
    return schema;
}

Schema const& iso_create() {
    static Schema const schema{{{"name", string, true}, {"size", integer}, {"readyForInsert", boolean, true}}, true};
    return schema;
}

Schema const& iso_replace() {
    static Schema const schema{{{"uuid"},
                                {"name", string, true},
                                {"size", integer},
                                {"mounts", array, false, &any_value},
                                {"readyForInsert", boolean, true},
                                {"path"}},
                               true};
    return schema;
}

Schema const& iso_patch() {
    static Schema const schema{{{"name"}, {"size", integer}, {"readyForInsert", boolean}}, true};
    return schema;
}

}  // namespace sb::sim::schemas
