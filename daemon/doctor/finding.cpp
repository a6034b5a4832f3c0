#include "daemon/doctor/finding.hpp"

#include <algorithm>
#include <array>

namespace sb::doctor {

std::string_view name_of(Verdict verdict) {
    switch (verdict) {
        case Verdict::good: return "ok";
        case Verdict::unknown: return "unknown";
        case Verdict::warning: return "warning";
        case Verdict::bad: return "error";
    }
    return "";
}

Finding good(std::string subject, std::string message) {
    return {std::move(subject), Verdict::good, std::move(message), "", Errc::internal};
}

Finding unknown(std::string subject, std::string message, std::string remedy) {
    return {std::move(subject), Verdict::unknown, std::move(message), std::move(remedy), Errc::internal};
}

Finding warning(std::string subject, std::string message, std::string remedy) {
    return {std::move(subject), Verdict::warning, std::move(message), std::move(remedy), Errc::internal};
}

Finding bad(std::string subject, Error const& error, std::string remedy) {
    return {std::move(subject), Verdict::bad, error.context, std::move(remedy), error.code};
}

std::optional<Errc> worst(Findings const& findings) {
    constexpr std::array first{Errc::invalid_config, Errc::pin_mismatch, Errc::credentials_refused, Errc::forbidden,
                               Errc::not_permitted};
    auto const is_bad = [](Finding const& finding) { return finding.verdict == Verdict::bad; };
    for (auto const code : first)
        for (auto const& finding : findings)
            if (is_bad(finding) && finding.code == code) return code;
    auto const any = std::ranges::find_if(findings, is_bad);
    if (any == findings.end()) return std::nullopt;
    return any->code;
}

}  // namespace sb::doctor
