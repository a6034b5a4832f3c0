#include "tests/cluster_faults/fault_rows.hpp"

namespace sb::test {
namespace {

/// For the rows in which no answer comes, or not in time.
constexpr std::chrono::seconds waits{2};

}  // namespace

std::vector<FaultRow> const& fault_rows() {
    static std::vector<FaultRow> const rows{
        // ---- connections
        {"Hang", R"("kind":"hang")", 1, ok, lost(), ok, ok, Aim::call, waits},
        {"HangAfterTheDeed", R"("kind":"hang_after")", 1, ok, ok, ok, ok, Aim::call, waits},
        {"Close", R"("kind":"close")", 1, ok, lost(), ok, ok},
        {"Reset", R"("kind":"reset")", 1, ok, lost(), ok, ok},
        {"LostAnswer", R"("kind":"lose_answer")", 1, ok, ok, ok, ok},
        {"AnswerBeyondTheLimit", R"("kind":"delay_answer","seconds":4)", 1, ok, ok, ok, ok, Aim::call, waits},
        {"SlowToBegin", R"("kind":"delay","seconds":1)", 1, ok, ok, ok, ok},
        {"SlowDrip", R"("kind":"drip","bytes":20)", 1, ok, ok, ok, ok, Aim::call, waits},
        {"CutBody", R"("kind":"cut_body")", 1, ok, ok, ok, ok},
        {"ResetInTheBody", R"("kind":"reset_body")", 1, ok, ok, ok, ok},
        // ---- the node
        {"Refused", R"("kind":"outage","text":"refuse","seconds":0.7)", 1, ok, ok, ok, ok, Aim::node},
        {"TlsAborted", R"("kind":"outage","text":"tls_abort","seconds":0.7)", 1, ok, ok, ok, ok, Aim::node},
        {"TlsHangs", R"("kind":"outage","text":"hang","seconds":0.7)", 1, ok, ok, ok, ok, Aim::node, waits},
        {"ClosedAtOnce", R"("kind":"outage","text":"close","seconds":0.7)", 1, ok, ok, ok, ok, Aim::node},
        {"Reboot", R"("kind":"outage","text":"hang,refuse,tls_abort,502","seconds":0.35)", 1, ok, ok_or_lost, ok, ok,
         Aim::node, waits},
        {"Upgrade", R"("kind":"outage","text":"502,refuse,502","seconds":0.4)", 1, ok, ok_or_lost, ok, ok, Aim::node},
        {"RebootAfterTheDeed", R"("kind":"outage_after","text":"refuse","seconds":0.7)", 1, ok, ok, ok, ok},
        {"AnotherCertificateForAWhile", R"("kind":"new_certificate","seconds":1.5)", 1, fails("fingerprint"),
         fails("fingerprint"), ok, ok, Aim::node},
        // ---- status
        {"BadGatewayPage", R"("kind":"html_502")", 1, ok, lost("502"), ok, ok},
        {"Unavailable", R"("kind":"status","status":503,"body":"upgrading","content_type":"text/plain")", 1, ok,
         lost("503"), ok, ok},
        {"GatewayTimeout", R"("kind":"status","status":504)", 1, ok, lost("504"), ok, ok},
        {"BadGatewayAfterTheDeed", R"("kind":"status_after","status":502)", 1, ok, ok, ok, ok},
        {"InternalError", R"("kind":"json_error")", 1, ok, fails("An internal error occurred"), ok, ok},
        {"InternalErrorAfterTheDeed", R"("kind":"status_after","status":500)", 1, ok, ok, ok, ok},
        {"TooManyRequests", R"("kind":"status","status":429)", 1, ok, ok, ok, ok},
        {"SessionExpired401", R"("kind":"status","status":401,"body":{"error":"Valid session required"})", 1,
         fails("401"), fails("401"), ok, ok},
        {"SessionExpired503", R"("kind":"status","status":503,"body":{"error":"Valid session required"})", 1,
         fails("session"), fails("session"), ok, ok},
        {"AllSessionsEnd", R"("kind":"expire_sessions")", 0, ok, ok, ok, ok},
        {"RoleMissing", R"("kind":"status","status":403,"body":{"error":"lacks the role Backup"})", 1, fails("role"),
         fails("role"), ok, ok},
        {"PlainTextRefusal", R"("kind":"plain_400")", 1, fails("400"), fails("400"), ok, ok},
        {"NotFound", R"("kind":"status","status":404)", 1, fails("404"), fails("404"), ok, ok},
        {"Redirect", R"("kind":"redirect")", 1, fails("redirect"), fails("redirect"), ok, ok},
        // ---- framing
        {"LengthTooLong", R"("kind":"long_length")", 1, ok, ok, ok, ok, Aim::call, waits},
        {"LengthTooShort", R"("kind":"short_length")", 1, ok, ok, ok, ok},
        {"Http10", R"("kind":"http10")", 0, ok, ok, ok, ok},
        {"GarbageInChunks", R"("kind":"bad_chunks")", 1, ok, ok, ok, ok},
        {"Gzip", R"("kind":"gzip")", 1, ok, ok, ok, ok},
        {"Oversize", R"("kind":"oversize","bytes":68000000)", 1, ok, ok, ok, ok},
        {"EmptyBody", R"("kind":"empty_body")", 1, ok, ok, ok, ok},
        // ---- content
        {"NoJson", R"("kind":"garbage")", 1, ok, ok, ok, ok},
        {"HalfTheJson", R"("kind":"truncated_json")", 1, ok, ok, ok, ok},
        {"NoUtf8", R"("kind":"bad_utf8")", 1, ok, ok, ok, ok},
        {"DeepNesting", R"("kind":"deep")", 1, ok, ok, ok, ok},
        {"WrongTypes", R"("kind":"wrong_types")", 1, ok, ok, ok, ok},
        {"Nulls", R"("kind":"nulls")", 1, ok, ok, ok, ok},
        // With nonsensical values for the new VM's disks, the restore cannot be checked.
        {"NegativeNumbers", R"("kind":"negative_numbers")", 0, fails("was restored with 0"), ok, ok, ok},
        {"HugeNumbers", R"("kind":"huge_numbers")", 0, fails("was restored with 0"), ok, ok, ok},
        {"DuplicateKeys", R"("kind":"duplicate_keys")", 0, ok, ok, ok, ok},
        {"DuplicateRecords", R"("kind":"duplicate")", 0, ok, ok, ok, ok},
        {"NoArray", R"("kind":"not_an_array")", 1, ok, ok, ok, ok},
        {"EmptyList", R"("kind":"empty_list")", 1, ok, ok, ok, ok},
        {"ClockInThePast", R"("kind":"skew","seconds":-1000000000)", 0, ok, ok, ok, ok},
        {"ClockInTheFuture", R"("kind":"skew","seconds":300000000)", 0, ok, ok, ok, ok},
        // ---- tasks
        {"StateThatIsNone", R"("kind":"task_state","text":"UNINITIALIZED")", 3, not_applicable, not_applicable, ok, ok},
        {"StateOfUnknownWord", R"("kind":"task_state","text":"PAUSED")", 3, not_applicable, not_applicable, ok, ok},
        {"ProgressGoesBack", R"("kind":"task_backwards")", 4, not_applicable, not_applicable, ok, ok},
        {"ProgressStandsStill", R"("kind":"task_frozen","percent":42)", 3, not_applicable, not_applicable, ok, ok},
        {"TaskOfNobody", R"("kind":"task_of_other")", 0, ok, ok, ok, ok},
        {"OrderNamesNoTask", R"("kind":"order_tag","text":"")", 1, not_applicable, ok, not_applicable, not_applicable},
        {"OrderNamesAnotherVmsTask", R"("kind":"order_tag","text":"@BASE_TAG@")", 1, not_applicable, ok, not_applicable,
         not_applicable},
        {"OrderNamesATaskThatIsNone", R"("kind":"order_tag","text":"99999999")", 1, not_applicable, ok, not_applicable,
         not_applicable},
    };
    return rows;
}

}  // namespace sb::test
