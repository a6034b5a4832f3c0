#pragma once
// What an examination of the daemon's surroundings found: one thing, how it stands, and what to do about it.

#include "common/error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sb::doctor {

enum class Verdict {
    good,
    unknown,  ///< it could not be found out; the words say why
    warning,  ///< backups work, but somebody should look
    bad,      ///< backups do not work, or not all of them
};

std::string_view name_of(Verdict verdict);

struct Finding {
    std::string subject;  ///< "cluster log-in", "backup folder"
    Verdict verdict = Verdict::good;
    std::string words;           ///< what was found
    std::string remedy;          ///< what to do; empty if there is nothing to do
    Errc code = Errc::internal;  ///< of a bad one: what it would be as an error
};

using Findings = std::vector<Finding>;

Finding good(std::string subject, std::string words);
Finding unknown(std::string subject, std::string words, std::string remedy = "");
Finding warning(std::string subject, std::string words, std::string remedy);
Finding bad(std::string subject, Error const& error, std::string remedy);

/// The code of the worst finding, nothing if none is bad. Among bad ones the configuration counts most, then the
/// certificate, the log-in, missing rights, and then the first.
std::optional<Errc> worst(Findings const& findings);

}  // namespace sb::doctor
