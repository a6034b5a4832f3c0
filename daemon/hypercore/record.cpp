#include "daemon/hypercore/record.hpp"

#include "daemon/hypercore/codec.hpp"
#include "daemon/hypercore/reply.hpp"

#include <algorithm>
#include <array>

namespace sb::hypercore {
namespace {

std::string parameter_text(json::View value) {
    if (auto const text = value.string()) return std::string(*text);
    return value.is_null() ? std::string() : value.dump();
}

std::string message_text(json::View format, json::View parameters) {
    std::vector<std::string> texts;
    for (auto const& parameter : parameters.elements()) texts.push_back(parameter_text(parameter));
    return put_in(format.string().value_or(""), texts);
}

core::TaskState state_from(std::string_view word) {
    using core::TaskState;
    static constexpr std::array<std::pair<std::string_view, TaskState>, 5> known{
        {{"UNINITIALIZED", TaskState::uninitialized},
         {"QUEUED", TaskState::queued},
         {"RUNNING", TaskState::running},
         {"COMPLETE", TaskState::complete},
         {"ERROR", TaskState::error}}};
    auto const it = std::ranges::find(known, word, &std::pair<std::string_view, TaskState>::first);
    return it == known.end() ? TaskState::unknown : it->second;
}

}  // namespace

std::string identity_from(json::View value) {
    auto const text = value.string().value_or("");
    bool const fits =
        text.size() <= max_identity && std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; });
    return fits ? std::string(text) : std::string();
}

TaskTag task_tag_from(json::View value) {
    auto text = text_or_number(value);
    return TaskTag(text.size() <= max_identity ? std::move(text) : std::string());
}

std::string name_from(json::View value, Scrubber const& scrub) {
    return scrub.name(value.string().value_or(""), max_name);
}

core::TaskReport task_from(json::View record, Scrubber const& scrub) {
    core::TaskReport task;
    task.tag = task_tag_from(record["taskTag"]);
    task.state = state_from(record["state"].string().value_or(""));
    task.state_word = scrub.beginning(record["state"].string().value_or(""), max_word);
    task.percent = static_cast<int>(std::clamp(record["progressPercent"].number().value_or(0.0), 0.0, 100.0));
    auto const text = [&](json::View format, json::View parameters) {
        return scrub.beginning(message_text(format, parameters), max_text);
    };
    task.description = text(record["formattedDescription"], record["descriptionParameters"]);
    task.message = text(record["formattedMessage"], record["messageParameters"]);
    task.object_uuid = identity_from(record["objectUUID"]);
    task.created = record["created"].integer().value_or(0);
    task.modified = record["modified"].integer().value_or(0);
    task.completed = record["completed"].integer().value_or(0);
    return task;
}

}  // namespace sb::hypercore
