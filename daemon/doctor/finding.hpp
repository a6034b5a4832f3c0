#pragma once
// One finding of a health check: a subject, its state, and what to do about it.

#include "common/error.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sb::doctor {

enum class Verdict {
    good,
    unknown,  ///< could not be determined; the message says why
    warning,  ///< backups work, but an administrator should act
    bad,      ///< some or all backups do not work
};

std::string_view name_of(Verdict verdict);

struct Finding {
    std::string subject;  ///< "cluster login", "backup folder"
    Verdict verdict = Verdict::good;
    std::string message;         ///< what was found
    std::string remedy;          ///< what to do; empty if there is nothing to do
    Errc code = Errc::internal;  ///< of a bad one: its error code
};

using Findings = std::vector<Finding>;

Finding good(std::string subject, std::string message);
Finding unknown(std::string subject, std::string message, std::string remedy = "");
Finding warning(std::string subject, std::string message, std::string remedy);
Finding bad(std::string subject, Error const& error, std::string remedy);

/// The code of the worst finding; nothing if none is bad. Among bad ones the configuration comes first, then the
/// certificate, the login, missing rights, and then the first one.
std::optional<Errc> worst(Findings const& findings);

}  // namespace sb::doctor
