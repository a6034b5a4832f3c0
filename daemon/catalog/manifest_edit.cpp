#include "daemon/catalog/manifest_edit.hpp"

#include "common/json/document.hpp"
#include "common/json/writer.hpp"
#include "daemon/catalog/manifest_codec.hpp"
#include "daemon/catalog/manifest_checksum.hpp"

#include <set>

namespace sb::catalog {
namespace {

/// Nesting is bounded by the parser.
void copy(json::View value, json::Writer& out) {
    if (value.is_object()) {
        out.begin_object();
        for (auto const& [name, member] : value.members()) {
            out.key(name);
            copy(member, out);
        }
        out.end_object();
    } else if (value.is_array()) {
        out.begin_array();
        for (auto const item : value.elements()) copy(item, out);
        out.end_array();
    } else {
        out.raw(value.dump());
    }
}

void copy_files(json::View files, std::map<std::string, std::string> const& content, json::Writer& out) {
    out.begin_array();
    for (auto const file : files.elements()) {
        auto const root = content.find(file["name"].text());
        if (root == content.end()) {
            copy(file, out);
            continue;
        }
        out.begin_object();
        for (auto const& [name, member] : file.members()) {
            if (name == "content") continue;
            out.key(name);
            copy(member, out);
        }
        out.member("content", root->second).end_object();
    }
    out.end_array();
}

/// Writes the changed members, each once: at its old place, or at the end.
class Editor {
public:
    Editor(ManifestChanges const& changes, json::Writer& out) : changes_(changes), out_(out) {}

    /// Whether this member changes; if so, it has been written.
    bool take(std::string_view name) {
        if (name == "backup" && changes_.backup) return once("backup");
        if (name == "protected" && changes_.is_protected) return once("protected");
        if (name == "verified" && changes_.verified) return once("verified");
        if (name == "damaged" && changes_.damage) return once("damaged");
        if (name == "accepted" && changes_.accepted) return once("accepted");
        return name == "seal";
    }

    void rest() {
        for (auto const* name : {"backup", "protected", "verified", "damaged", "accepted"}) take(name);
    }

private:
    bool once(char const* name) {
        if (!written_.insert(name).second) return true;
        if (name == std::string_view("damaged") && !*changes_.damage) return true;
        out_.key(name);
        if (name == std::string_view("backup")) out_.string(*changes_.backup);
        else if (name == std::string_view("protected")) out_.boolean(*changes_.is_protected);
        else if (name == std::string_view("accepted")) out_.string(format_rfc3339(*changes_.accepted));
        else if (name == std::string_view("verified")) write_verified(*changes_.verified, out_);
        else write_damage(**changes_.damage, out_);
        return true;
    }

    ManifestChanges const& changes_;
    json::Writer& out_;
    std::set<std::string> written_;
};

}  // namespace

Result<std::string> with_changes(std::string_view text, ManifestChanges const& changes) {
    if (auto const readable = decode_manifest(text); !readable) return readable.error();
    auto const document = json::Document::parse(text);
    if (!document) return Error{Errc::damaged_backup, "the manifest cannot be read: " + document.error().context};
    json::Writer out(json::Layout::pretty);
    out.begin_object();
    Editor editor(changes, out);
    for (auto const& [name, member] : document->root().members()) {
        if (editor.take(name)) continue;
        out.key(name);
        if (name == "files") copy_files(member, changes.content, out);
        else copy(member, out);
    }
    editor.rest();
    out.end_object();
    auto changed = out.take() + "\n";
    if (check_checksum(text) == Checksum::invalid) changed = with_given_checksum(std::move(changed), checksum_in(text));
    else changed = with_checksum(std::move(changed));
    // Never replace a readable manifest by an unreadable one.
    if (auto const readable = decode_manifest(changed); !readable) return readable.error();
    return changed;
}

Result<std::string> with_protection(std::string_view text, bool is_protected) {
    ManifestChanges changes;
    changes.is_protected = is_protected;
    return with_changes(text, changes);
}

}  // namespace sb::catalog
