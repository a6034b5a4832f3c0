#pragma once
// The rules for single values of the configuration: text in, value or what is wrong with it out.
// Pure functions; errors are Errc::invalid_config and do not repeat the text (it may hold a secret).

#include "common/config/model.hpp"
#include "common/error.hpp"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sb::config {

/// 'host', 'host:port', 'v4:port', 'v6', '[v6]', '[v6]:port'.
Result<HostPort> parse_host_port(std::string_view text);

/// One mail address: something@something, nothing that could end a header or an envelope line.
Result<std::string> parse_mail_address(std::string_view text);

/// One or more addresses with commas between them.
Result<std::vector<std::string>> parse_mail_addresses(std::string_view text);

/// What may follow EHLO (RFC 5321, 4.1.2): a host name of letters, digits, hyphens and dots, or '[192.0.2.1]'.
Result<std::string> parse_helo_name(std::string_view text);

/// 64 hexadecimal digits in either case, with a colon after every second one or none. Spaces around it are
/// ignored. Errc::invalid_config says what is wrong.
Result<Fingerprint> parse_fingerprint(std::string_view text);

/// "54:41:D0:CA:…", upper case with colons.
std::string fingerprint_text(Fingerprint const& fingerprint);

Result<std::string> parse_share_name(std::string const& text);
Result<std::filesystem::path> parse_absolute_path(std::string const& text);
Result<std::string> parse_tag(std::string const& text);

/// A hook's command line: split on white space, an absolute program, only variables that this hook knows.
Result<std::string> parse_hook(std::string const& text, std::span<std::string_view const> variables);

/// "" if the text has no control character, else what it holds: "a line break", "a tab".
std::string_view control_character_in(std::string_view text);

}  // namespace sb::config
