#include "common/config/key_type.hpp"

#include "common/config/defaults.hpp"
#include "common/config/invisible.hpp"
#include "common/config/text_file.hpp"
#include "common/config/values.hpp"
#include "common/text/ascii.hpp"
#include "common/text/duration_text.hpp"
#include "common/text/time_of_day.hpp"

#include <algorithm>

namespace sb::config {
namespace {

constexpr std::string_view host_forms =
    "a host name or IP address, optionally with a port: 'host', 'host:port', '[v6]:port'";

std::string as_it_is(std::string const& text) { return text; }

std::string host_text(HostPort const& host, std::uint16_t usual_port) {
    bool const v6 = host.host.find(':') != std::string::npos;
    std::string const name = v6 ? '[' + host.host + ']' : host.host;
    return name + ':' + std::to_string(host.port.value_or(usual_port));
}

/// For values that consist of numbers and words: what only looks like a space is one.
template <class Parse>
auto of_plain_spaces(Parse parse) {
    return [parse](std::string const& text) { return parse(with_plain_spaces(text)); };
}

template <class T, class Write>
std::string joined(std::vector<T> const& items, std::string_view between, Write write) {
    std::string text;
    for (auto const& item : items) {
        if (!text.empty()) text += between;
        text += write(item);
    }
    return text;
}

}  // namespace

Type<std::string> text(std::string allowed) {
    return text_type<std::string>(
        {.allowed = std::move(allowed)}, [](std::string const& text) -> Result<std::string> { return text; }, as_it_is);
}

Type<std::string> user_name() { return text("a string that is not empty"); }

Type<Secret> password() {
    return text_type<Secret>(
        {.allowed = "a string that is not empty", .echo = Echo::never, .secret = true},
        [](std::string const& text) -> Result<Secret> { return Secret(text); },
        [](Secret const&) { return std::string("(set)"); });
}

Type<std::filesystem::path> password_file() {
    return text_type<std::filesystem::path>(
        {.allowed = "the path of a readable file whose first line is the password"},
        [](std::string const& text) -> Result<std::filesystem::path> { return path_from_utf8(text); }, utf8_of);
}

Type<std::filesystem::path> absolute_path() {
    return text_type<std::filesystem::path>({.allowed = "an absolute path"}, parse_absolute_path, utf8_of);
}

Type<std::filesystem::path> socket_path() {
    auto const parse = [](std::string const& text) -> Result<std::filesystem::path> {
        auto const longest = system_defaults().max_socket_path;
        if (text.size() > longest) {
            return Error{Errc::invalid_config, "this system allows at most " + std::to_string(longest) + " bytes here"};
        }
        return parse_absolute_path(text);
    };
    return text_type<std::filesystem::path>({.allowed = "an absolute path of at most 107 bytes (FreeBSD: 103)"}, parse,
                                            utf8_of);
}

Type<HostPort> host(std::uint16_t usual_port) {
    auto const write = [usual_port](HostPort const& host) { return host_text(host, usual_port); };
    auto type = text_type<HostPort>({.allowed = std::string(host_forms)}, parse_host_port, write);
    type.equal = [write](HostPort const& a, HostPort const& b) { return write(a) == write(b); };
    return type;
}

Type<std::vector<HostPort>> hosts(std::uint16_t usual_port) {
    Type<std::vector<HostPort>> type;
    type.kind = Kind::text_or_list;
    type.allowed = std::string(host_forms) + "; or a list of them, one for each node";
    type.parse = [](Value const& value, Reject const& reject) -> std::optional<std::vector<HostPort>> {
        std::vector<HostPort> hosts;
        for (auto const& item : value.items) {
            auto const host = parse_host_port(item.text);
            if (!host) reject(item.place, item.text, host.error().context);
            else if (std::ranges::find(hosts, *host) != hosts.end())
                reject(item.place, item.text, "this node appears twice");
            else hosts.push_back(*host);
        }
        return hosts;
    };
    auto const write = [usual_port](std::vector<HostPort> const& hosts) {
        return joined(hosts, ", ", [usual_port](HostPort const& host) { return host_text(host, usual_port); });
    };
    type.write = write;
    type.equal = [write](std::vector<HostPort> const& a, std::vector<HostPort> const& b) {
        return write(a) == write(b);
    };
    return type;
}

Type<std::string> host_without_port() {
    auto const parse = [](std::string const& text) -> Result<std::string> {
        auto const parts = parse_host_port(text);
        if (!parts) return parts.error();
        if (parts->port)
            return Error{Errc::invalid_config, "the port has its own key: Port = " + std::to_string(*parts->port)};
        return parts->host;
    };
    return text_type<std::string>({.allowed = "a host name or IP address"}, parse, as_it_is);
}

Type<std::vector<Fingerprint>> fingerprints() {
    Type<std::vector<Fingerprint>> type;
    type.kind = Kind::text_or_list;
    type.allowed =
        "a SHA-256 fingerprint: 64 hexadecimal digits, with or without a colon after every second one; or a list of "
        "them; or '' for not set";
    type.parse = [](Value const& value, Reject const& reject) -> std::optional<std::vector<Fingerprint>> {
        std::vector<Fingerprint> fingerprints;
        for (auto const& item : value.items) {
            if (item.text.find_first_not_of(" \t") == std::string::npos) continue;
            auto const fingerprint = parse_fingerprint(item.text);
            if (!fingerprint) reject(item.place, item.text, fingerprint.error().context);
            else if (std::ranges::find(fingerprints, *fingerprint) == fingerprints.end())
                fingerprints.push_back(*fingerprint);
        }
        return fingerprints;
    };
    type.write = [](std::vector<Fingerprint> const& all) { return joined(all, "\n", fingerprint_text); };
    return type;
}

Type<std::string> mail_address() {
    return text_type<std::string>({.allowed = "one email address, as in 'backups@example.com'", .echo = Echo::always},
                                  parse_mail_address, as_it_is);
}

Type<std::string> helo_name() {
    return text_type<std::string>({.allowed = "a host name, or an IP address in square brackets"}, parse_helo_name,
                                  as_it_is);
}

Type<std::vector<std::string>> mail_addresses() {
    Type<std::vector<std::string>> type;
    type.kind = Kind::text_or_list;
    type.allowed = "email addresses: one, several separated by commas, or a list of strings";
    type.echo = Echo::always;
    type.parse = [](Value const& value, Reject const& reject) -> std::optional<std::vector<std::string>> {
        std::vector<std::string> all;
        for (auto const& item : value.items) {
            auto const addresses = parse_mail_addresses(item.text);
            if (addresses) all.insert(all.end(), addresses->begin(), addresses->end());
            else reject(item.place, item.text, addresses.error().context);
        }
        return all;
    };
    type.write = [](std::vector<std::string> const& all) { return joined(all, ", ", as_it_is); };
    return type;
}

Type<std::string> share_name() {
    return text_type<std::string>({.allowed = "the name of the share, without '/' and '\\'"}, parse_share_name,
                                  as_it_is);
}

Type<std::string> tag() {
    return text_type<std::string>({.allowed = "one tag of the cluster, without a comma; case-sensitive"}, parse_tag,
                                  as_it_is);
}

Type<std::string> command_line(HookInfo const& hook) {
    std::vector<std::string_view> known;
    std::string variables;
    for (auto const name : hook.variables) {
        if (name.empty()) continue;
        known.push_back(name);
        variables.append(variables.empty() ? "" : ", ").append("{{").append(name).append("}}");
    }
    std::string const some = known.size() == 1 ? "the only variable is " : "variables are ";
    return text_type<std::string>(
        {.allowed = "an absolute path of a program and its arguments; " + some + variables,
         .echo = Echo::never,  // a line may hold a password
         .tabs = true},
        [known](std::string const& text) { return parse_hook(text, known); }, as_it_is);
}

Type<CivilDuration> duration() {
    return text_type<CivilDuration>({.allowed = std::string(duration_forms), .brief = "a duration", .any_space = true},
                                    of_plain_spaces(parse_duration),
                                    [](CivilDuration const& length) { return duration_text(length); });
}

Type<CivilDuration> duration_or_off() {
    auto const parse = [](std::string const& text) -> Result<CivilDuration> {
        auto const word = lower(trimmed(text));
        if (word == "off" || word == "0") return CivilDuration{};
        return parse_duration(text);
    };
    auto const write = [](CivilDuration const& length) {
        return length == CivilDuration{} ? std::string("off") : duration_text(length);
    };
    return text_type<CivilDuration>(
        {.allowed = "'off', or " + std::string(duration_forms), .brief = "a duration or 'off'", .any_space = true},
        of_plain_spaces(parse), write);
}

Type<TimeOfDay> time_of_day() {
    return text_type<TimeOfDay>(
        {.allowed = std::string(time_of_day_forms), .brief = "a time of day", .any_space = true},
        of_plain_spaces(parse_time_of_day), time_of_day_text);
}

Type<Rate> rate() {
    return text_type<Rate>({.allowed = std::string(rate_forms), .any_space = true}, of_plain_spaces(parse_rate),
                           rate_text);
}

Type<bool> truth_value() {
    Type<bool> type;
    type.kind = Kind::boolean;
    type.allowed = "true or false";
    type.is_choice = true;
    type.parse = [](Value const& value, Reject const&) -> std::optional<bool> { return value.boolean; };
    type.write = [](bool const& value) { return std::string(value ? "true" : "false"); };
    return type;
}

std::string range_text(long long least, long long most) {
    return std::to_string(least) + " to " + std::to_string(most);
}

Type<std::chrono::seconds> seconds(long long least, long long most) {
    auto const number = whole_number<long long>(least, most, "seconds");
    Type<std::chrono::seconds> type{
        number, {}, [](std::chrono::seconds const& value) { return std::to_string(value.count()); }};
    type.parse = [number](Value const& value, Reject const& reject) -> std::optional<std::chrono::seconds> {
        auto const count = number.parse(value, reject);
        if (!count) return std::nullopt;
        return std::chrono::seconds(*count);
    };
    return type;
}

}  // namespace sb::config
