#include "daemon/core/file_proof.hpp"

#include "daemon/core/manifest.hpp"

#include <array>
#include <map>
#include <vector>

namespace sb::core {
namespace {

constexpr std::string_view missing = "missing";

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
    constexpr std::array<char const*, 3> what{"size", "modification time", "change time"};
    if (now == nullptr || now->values.size() != what.size()) return "it is missing";
    if (before.values.size() != what.size()) return "it was missing";
    std::string text;
    for (std::size_t i = 0; i < what.size(); ++i)
        if (before.values[i] != now->values[i]) text += (text.empty() ? "" : ", ") + std::string(what[i]);
    return text;
}

}  // namespace

std::string proof_of(std::string_view file_states) {
    constexpr std::size_t values = 5;  // device, inode, size, mtime, ctime: platform::Folder::state()
    std::string proof;
    for (auto const line : lines_of(file_states)) {
        auto const state = read_state(line, values);
        if (state.name == manifest_file_name) continue;
        proof += state.name;
        if (state.values.size() == values)
            for (std::size_t i = 2; i < values; ++i) proof += " " + state.values[i];
        else proof += " " + std::string(missing);
        proof += "\n";
    }
    return proof;
}

std::string difference_of(std::string_view proof, std::string_view proof_now) {
    constexpr int most_named = 3;
    auto const now = read_proof(proof_now);
    std::string text;
    int differing = 0;
    for (auto const& [name, before] : read_proof(proof)) {
        auto const found = now.find(name);
        if (found != now.end() && found->second == before) continue;
        if (++differing > most_named) continue;
        auto const what = what_differs(before, found == now.end() ? nullptr : &found->second);
        text += text.empty() ? "'" : ", '";
        text.append(name).append("' (").append(what).append(")");
    }
    if (differing > most_named) text += " and " + std::to_string(differing - most_named) + " more";
    return text;
}

}  // namespace sb::core
