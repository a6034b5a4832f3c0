// Responses of a cluster, or of an impostor. The first byte selects the reader of the rest, so a saved input begins
// with a letter: see `readers`.
#include "common/text/ascii.hpp"
#include "daemon/hypercore/codec.hpp"
#include "daemon/hypercore/disk_codec.hpp"
#include "daemon/hypercore/node_replies.hpp"
#include "daemon/hypercore/reply.hpp"
#include "daemon/hypercore/status_codec.hpp"
#include "tests/fuzz/cluster_secrets.hpp"

#include <array>
#include <set>

namespace sb::fuzz {
namespace {

using namespace hypercore;

template <class T>
bool was_read(Result<T> const& result) {
    if (result) return true;
    must_hold(result.error().code == Errc::malformed || result.error().code == Errc::not_found,
              "an error of another kind");
    must_hold(!result.error().context.empty(), "an error without a message");
    return false;
}

void check_task(core::TaskReport const& task) {
    must_hold(task.percent >= 0 && task.percent <= 100, "an invalid percentage");
    for (auto const* text : {&task.description, &task.message, &task.state_word}) without_password(*text);
}

void vms(std::string_view body) {
    auto const list = decode_vms(body, scrub());
    if (!was_read(list)) return;
    std::set<std::string> seen;
    for (auto const& vm : list->vms) {
        must_hold(!vm.uuid.empty() && seen.insert(vm.uuid.text()).second, "a VM without its own identity");
        for (auto const& disk : vm.disks)
            must_hold((!disk.uuid.empty() || core::is_exported(disk)) && disk.slot >= -1,
                      "a device without an identity or in no slot");
        for (auto const& tag : vm.tags) must_hold(!tag.empty() && tag.find(',') == std::string::npos, "an invalid tag");
        if (vm.last_task) check_task(*vm.last_task);
        core::why_not_eligible(vm);
    }
}

void task(std::string_view body) {
    auto const report = decode_task(body, TaskTag("4711"), scrub());
    if (!was_read(report)) return;
    must_hold(report->tag == TaskTag("4711"), "another task than requested");
    check_task(*report);
}

void tasks(std::string_view body) {
    auto const reports = decode_tasks(body, scrub());
    if (!was_read(reports)) return;
    for (auto const& report : *reports) {
        must_hold(!report.tag.empty(), "a task without a tag");
        check_task(report);
    }
}

void order(std::string_view body) {
    auto const taken = decode_order(body);
    if (was_read(taken)) must_hold(!taken->tag.empty(), "an accepted request without a task");
}

void snapshot(std::string_view body) {
    auto const found = decode_snapshot(body, "s-1");
    if (was_read(found)) must_hold(found->uuid == "s-1", "another snapshot than requested");
}

void media(std::string_view body) { was_read(decode_media(body)); }

void making(std::string_view body) {
    auto const made = decode_creation(body);
    if (was_read(made)) must_hold(!made->created.empty(), "something without an identity");
}

void refusal(std::string_view body) { check_refusal(body); }

void scrubbed(std::string_view text) {
    auto const clean = scrub()(text);
    without_password(clean);
    must_hold(scrub()(clean) == clean, "a scrubbed text is not clean");
}

void rights(std::string_view body) {
    auto const half = body.find('\n');
    std::string const users(body.substr(0, half));
    std::string const roles(half == body.npos ? "[]" : body.substr(half + 1));
    was_read(rights_of(users, roles, "admin"));
}

void date(std::string_view text) {
    auto const time = parse_http_date(std::string(text));
    if (time) must_hold(format_rfc3339(*time).size() == 25, "a time in an invalid year");
}

void texts(std::string_view text) {
    for (auto const& tag : split_tags(text))
        must_hold(!tag.empty() && tag.find(',') == std::string::npos, "an invalid tag");
    must_hold(put_in(text, {}) == text, "nothing was inserted, but the text has changed");
    auto const marks = occurrences(text, "%@");
    must_hold(put_in(text, {"", "", ""}).size() == text.size() - 2 * std::min<std::size_t>(marks, 3),
              "not every parameter was inserted");
}

void identity(std::string_view body) {
    auto const found = decode_identity(body);
    if (was_read(found)) must_hold(found->uuid == lower(found->uuid), "a uuid that is not normalized");
}

void update(std::string_view body) { decode_update_in_progress(body); }

// By position: the first one reads inputs that begin with 'A'; 'a' and '!' select others of the list.
constexpr std::array readers{vms,     task,     tasks,  order, snapshot, media,    making,
                             refusal, scrubbed, rights, date,  texts,    identity, update};

}  // namespace
}  // namespace sb::fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size) {
    using namespace sb::fuzz;
    if (size == 0) return 0;
    auto const chosen = static_cast<std::size_t>(bytes[0] + readers.size() * 6 - 'A') % readers.size();
    readers[chosen](text_of(bytes + 1, size - 1));
    return 0;
}
