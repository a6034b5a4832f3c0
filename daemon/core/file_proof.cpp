#include "daemon/core/file_proof.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

namespace sb::core {
namespace {

constexpr std::string_view missing = "missing", change_time = "change time";

/// One file: "NAME SIZE MTIME CTIME", or "NAME missing". The name may contain spaces.
struct FileState {
    std::string name;
    std::vector<std::string> values;
    bool operator==(FileState const&) const = default;
};

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        auto const end = text.find('\n');
        lines.push_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return lines;
}

/// Takes the last word off; nothing is left if there is only one.
std::string_view take_last_word(std::string_view& line) {
    auto const space = line.rfind(' ');
    auto const word = space == std::string_view::npos ? line : line.substr(space + 1);
    line = space == std::string_view::npos ? std::string_view() : line.substr(0, space);
    return word;
}

FileState read_state(std::string_view line, std::size_t values) {
    FileState state;
    auto rest = line;
    if (auto const last = take_last_word(rest); rest == manifest_says) return {std::string(rest), {std::string(last)}};
    rest = line;
    if (take_last_word(rest) == missing) return {std::string(rest), {std::string(missing)}};
    rest = line;
    for (std::size_t i = 0; i < values; ++i)
        state.values.insert(state.values.begin(), std::string(take_last_word(rest)));
    state.name = rest;
    return state;
}

std::map<std::string, FileState> read_proof(std::string_view proof) {
    std::map<std::string, FileState> states;
    for (auto const line : lines_of(proof)) {
        auto state = read_state(line, 3);
        states.insert_or_assign(state.name, std::move(state));
    }
    return states;
}

std::string what_differs(FileState const& before, FileState const* now) {
    constexpr std::array<std::string_view, 3> what{"size", "modification time", change_time};
    if (before.name == manifest_says) return "which VM, definition, disks and files it names";
    if (now == nullptr || now->values.size() != what.size()) return "it is missing";
    if (before.values.size() != what.size()) return "it was missing";
    std::string text;
    for (std::size_t i = 0; i < what.size(); ++i)
        if (before.values[i] != now->values[i]) text += (text.empty() ? "" : ", ") + std::string(what[i]);
    return text;
}

/// With its length before it, so that no field can pass for two.
void add_field(std::string& text, std::string_view field) {
    text.append(std::to_string(field.size())).append(":").append(field).append("\n");
}

void add_field(std::string& text, std::uint64_t field) { add_field(text, std::to_string(field)); }

/// Of what a manifest has of a disk.
void add_disk(std::string& text, Disk const& disk) {
    for (auto const* field : {&disk.uuid.text(), &disk.type}) add_field(text, *field);
    add_field(text, disk.capacity_bytes);
}

std::string_view shown_name(std::string_view name) { return name == manifest_says ? manifest_file_name : name; }

}  // namespace

std::string essence_of(Manifest const& manifest) {
    std::string text;
    add_field(text, manifest.vm_uuid.text());
    for (auto const* field : {&manifest.vm_name, &manifest.cluster_uuid, &manifest.definition_file})
        add_field(text, *field);
    add_field(text, manifest.disks.size());
    for (auto const& disk : manifest.disks) add_disk(text, disk);
    add_field(text, manifest.files.size());
    for (auto const& file : manifest.files) {
        for (auto const* field : {&file.name, &file.role, &file.structure}) add_field(text, *field);
        for (auto const bytes : {file.size_bytes, file.virtual_bytes}) add_field(text, bytes);
    }
    return text;
}

std::string manifest_digest_of(std::string_view proof) {
    for (auto line : lines_of(proof)) {
        auto const digest = take_last_word(line);
        if (line == manifest_says) return std::string(digest);
    }
    return {};
}

std::string proof_of(std::string_view file_states) {
    constexpr std::size_t values = 5;  // device, inode, size, mtime, ctime: platform::Folder::state()
    std::string proof;
    for (auto const line : lines_of(file_states)) {
        auto const state = read_state(line, values);
        if (state.name == manifest_file_name) continue;
        proof += state.name;
        if (state.name == manifest_says) proof += " " + state.values.front();
        else if (state.values.size() == values)
            for (std::size_t i = 2; i < values; ++i) proof += " " + state.values[i];
        else proof += " " + std::string(missing);
        proof += "\n";
    }
    return proof;
}

std::string difference_of(std::string_view proof, std::string_view proof_now) {
    constexpr int most_named = 3;
    auto const proven = read_proof(proof);
    auto const now = read_proof(proof_now);
    std::string text;
    int differing = 0;
    auto const add = [&](std::string_view name, std::string_view what) {
        if (++differing > most_named) return;
        text += text.empty() ? "'" : ", '";
        text.append(shown_name(name)).append("' (").append(what).append(")");
    };
    for (auto const& [name, before] : proven) {
        auto const found = now.find(name);
        if (found != now.end() && found->second == before) continue;
        add(name, what_differs(before, found == now.end() ? nullptr : &found->second));
    }
    // A proof of an earlier version says nothing about the manifest.
    for (auto const& [name, state] : now)
        if (name != manifest_says && !proven.contains(name)) add(name, "it was not among them");
    if (differing > most_named) text += " and " + std::to_string(differing - most_named) + " more";
    return text;
}

bool is_like_a_copy(std::string_view proof, std::string_view proof_now) {
    auto const before = read_proof(proof);
    auto const now = read_proof(proof_now);
    auto const only_change_time = [&](auto const& file) {
        auto const found = now.find(file.first);
        if (file.first == manifest_says) return found != now.end() && found->second == file.second;
        return found != now.end() && what_differs(file.second, &found->second) == change_time;
    };
    auto const is_known = [&](auto const& file) { return file.first == manifest_says || before.contains(file.first); };
    bool const has_files = std::ranges::any_of(before, [](auto const& file) { return file.first != manifest_says; });
    return has_files && std::ranges::all_of(before, only_change_time) && std::ranges::all_of(now, is_known);
}

std::string changed_text(std::string_view backup, std::string_view proof, std::string_view proof_now) {
    std::string text = "files of backup '";
    text.append(backup).append("' were changed since they were last proven: ").append(difference_of(proof, proof_now));
    if (is_like_a_copy(proof, proof_now))
        text +=
            ". Size and modification time of every file are as they were, and only the change times are others: this "
            "is expected after the files were copied to another disk, or got another owner or other permissions";
    return text;
}

}  // namespace sb::core
