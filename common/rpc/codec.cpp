#include "common/rpc/codec.hpp"

#include "common/rpc/fields.hpp"
#include "common/zone.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string_view>

namespace sb::rpc {
namespace {

// ---- writing --------------------------------------------------------------------------------------

struct FieldWriter {
    json::Writer& out;

    template <class T>
    void required(std::string_view name, T const& value) {
        out.key(name);
        put(value);
    }
    template <class T>
    void optional(std::string_view name, T const& value) {
        required(name, value);
    }

    void put(std::string const& text) { out.string(text); }
    void put(bool truth) { out.boolean(truth); }
    void put(int number) { out.integer(number); }
    void put(std::int64_t number) { out.integer(number); }
    void put(std::uint64_t number) { out.unsigned_integer(number); }
    void put(UtcTime time) { out.string(format_rfc3339(time, local_offset(time))); }
    template <class T>
    void put(std::optional<T> const& value) {
        if (value) put(*value);
        else out.null();
    }
    template <class T>
    void put(std::vector<T> const& values) {
        out.begin_array();
        for (auto const& value : values) put(value);
        out.end_array();
    }
    template <class T>
    void put(T const& value) {
        out.begin_object();
        fields(*this, value);
        out.end_object();
    }
};

// ---- reading --------------------------------------------------------------------------------------

/// Where we are, for error texts; made into text only if something is wrong.
struct Path {
    Path const* parent = nullptr;
    std::string_view name;
    std::optional<std::size_t> index;

    std::string text() const {
        if (index) return parent->text() + "[" + std::to_string(*index) + "]";
        return parent ? parent->text() + "." + std::string(name) : std::string(name);
    }
};

std::string_view kind_of(json::View value) {
    if (value.is_object()) return "an object";
    if (value.is_array()) return "an array";
    if (value.is_string()) return "a string";
    if (value.is_number()) return "a number";
    if (value.is_bool()) return "a boolean";
    return "null";
}

/// Reads the fields of one object; stops at the first that is wrong, and keeps what was wrong in `error`.
struct FieldReader {
    json::View object;
    Path const& path;
    Errc code;
    std::optional<Error> error{};

    template <class T>
    void required(std::string_view name, T& value) {
        if (error) return;
        auto const member = object[name];
        Path const here{&path, name, {}};
        if (member.exists()) get(member, here, value);
        else error = Error{code, here.text() + " is missing"};
    }
    template <class T>
    void optional(std::string_view name, T& value) {
        auto const member = object[name];
        if (member.exists() && !member.is_null()) required(name, value);
    }

    void must_be(std::string_view what, json::View value, Path const& here) {
        error = Error{code, here.text() + " must be " + std::string(what) + ", not " +
                                std::string(value.is_number() ? value.dump() : kind_of(value))};
    }

    void get(json::View value, Path const& here, std::string& into) {
        if (auto const text = value.string()) into = std::string(*text);
        else must_be("a string", value, here);
    }
    void get(json::View value, Path const& here, bool& into) {
        if (auto const truth = value.boolean()) into = *truth;
        else must_be("true or false", value, here);
    }
    void get(json::View value, Path const& here, int& into) {
        auto const number = value.integer();
        bool const fits =
            number && *number >= std::numeric_limits<int>::min() && *number <= std::numeric_limits<int>::max();
        if (fits) into = static_cast<int>(*number);
        else must_be("a whole number", value, here);
    }
    void get(json::View value, Path const& here, std::int64_t& into) {
        if (auto const number = value.integer()) into = *number;
        else must_be("a whole number", value, here);
    }
    void get(json::View value, Path const& here, std::uint64_t& into) {
        if (auto const number = value.unsigned_integer()) into = *number;
        else must_be("a whole number that is not negative", value, here);
    }
    void get(json::View value, Path const& here, UtcTime& into) {
        auto const text = value.string();
        if (!text) return must_be("a time as a string", value, here);
        auto const time = parse_rfc3339(*text);
        if (time) into = *time;
        else error = while_doing(Error{code, time.error().context}, here.text());
    }
    template <class T>
    void get(json::View value, Path const& here, std::optional<T>& into) {
        into.reset();
        if (value.is_null()) return;
        get(value, here, into.emplace());
    }
    template <class T>
    void get(json::View value, Path const& here, std::vector<T>& into) {
        if (!value.is_array()) return must_be("an array", value, here);
        into.clear();
        into.reserve(value.size());
        for (auto const element : value.elements()) {
            if (error) return;
            Path const at{&here, {}, into.size()};
            get(element, at, into.emplace_back());
        }
    }
    template <class T>
    void get(json::View value, Path const& here, T& into) {
        if (!value.is_object()) return must_be("an object", value, here);
        FieldReader inner{value, here, code};
        fields(inner, into);
        error = std::move(inner.error);
    }
};

template <class T>
Result<T> read(json::View object, std::string_view root, Errc code) {
    Path const path{nullptr, root, {}};
    FieldReader reader{object, path, code};
    T value{};
    fields(reader, value);
    if (reader.error) return std::move(*reader.error);
    return value;
}

}  // namespace

template <class T>
void write(json::Writer& out, T const& value) {
    FieldWriter{out}.put(value);
}

template <class T>
Result<T> decode(json::View params) {
    bool const none = !params.exists() || params.is_null() || (params.is_array() && params.size() == 0);
    if (!none && !params.is_object())
        return Error{Errc::invalid_params,
                     "params must be an object (parameters go by name), not " + std::string(kind_of(params))};
    return read<T>(none ? json::View{} : params, "params", Errc::invalid_params);
}

template <class T>
Result<T> decode_reply(json::View result) {
    if (!result.is_object())
        return Error{Errc::malformed, "result must be an object, not " + std::string(kind_of(result))};
    return read<T>(result, "result", Errc::malformed);
}

// The whole vocabulary, once; whoever asks for another type meets a link error.
#define SB_RPC_TYPE(T)                               \
    template void write<T>(json::Writer&, T const&); \
    template Result<T> decode<T>(json::View);        \
    template Result<T> decode_reply<T>(json::View);

SB_RPC_TYPE(DiskInfo)
SB_RPC_TYPE(VmInfo)
SB_RPC_TYPE(VerifiedInfo)
SB_RPC_TYPE(BackupInfo)
SB_RPC_TYPE(JobInfo)
SB_RPC_TYPE(Version::Params)
SB_RPC_TYPE(Version::Reply)
SB_RPC_TYPE(Status::Params)
SB_RPC_TYPE(Status::Reply)
SB_RPC_TYPE(ListVms::Params)
SB_RPC_TYPE(ListVms::Reply)
SB_RPC_TYPE(ListBackups::Params)
SB_RPC_TYPE(ListBackups::Reply)
SB_RPC_TYPE(ListJobs::Params)
SB_RPC_TYPE(ListJobs::Reply)
SB_RPC_TYPE(StartBackup::Params)
SB_RPC_TYPE(StartBackup::Reply)
SB_RPC_TYPE(StartRestore::Params)
SB_RPC_TYPE(StartRestore::Reply)
SB_RPC_TYPE(CancelJob::Params)
SB_RPC_TYPE(CancelJob::Reply)
SB_RPC_TYPE(SubscribeJobs::Params)
SB_RPC_TYPE(SubscribeJobs::Reply)
SB_RPC_TYPE(JobChanged::Params)
SB_RPC_TYPE(RunInfo)
SB_RPC_TYPE(QueueEntry)
SB_RPC_TYPE(VerdictInfo)
SB_RPC_TYPE(NightInfo)
SB_RPC_TYPE(StartRun::Params)
SB_RPC_TYPE(StartRun::Reply)
SB_RPC_TYPE(GetRun::Params)
SB_RPC_TYPE(GetRun::Reply)
SB_RPC_TYPE(ListRuns::Params)
SB_RPC_TYPE(ListRuns::Reply)
SB_RPC_TYPE(ShowQueue::Params)
SB_RPC_TYPE(ShowQueue::Reply)
SB_RPC_TYPE(Why::Params)
SB_RPC_TYPE(Why::Reply)
SB_RPC_TYPE(Forecast::Params)
SB_RPC_TYPE(Forecast::Reply)
SB_RPC_TYPE(Pause::Params)
SB_RPC_TYPE(Pause::Reply)
SB_RPC_TYPE(Prune::Params)
SB_RPC_TYPE(Prune::Reply)
SB_RPC_TYPE(ShowRetention::Params)
SB_RPC_TYPE(ShowRetention::Reply)
SB_RPC_TYPE(Protect::Params)
SB_RPC_TYPE(Protect::Reply)
SB_RPC_TYPE(FindingInfo)
SB_RPC_TYPE(CheckHealth::Params)
SB_RPC_TYPE(CheckHealth::Reply)
SB_RPC_TYPE(TestMail::Params)
SB_RPC_TYPE(Reload::Params)
SB_RPC_TYPE(TestMail::Reply)
SB_RPC_TYPE(Reload::Reply)
SB_RPC_TYPE(StartVerify::Params)
SB_RPC_TYPE(StartVerify::Reply)
SB_RPC_TYPE(VmDiskInfo)
SB_RPC_TYPE(OperationInfo)
SB_RPC_TYPE(ShowDisks::Params)
SB_RPC_TYPE(ShowDisks::Reply)
SB_RPC_TYPE(CloneDisk::Params)
SB_RPC_TYPE(CloneDisk::Reply)
SB_RPC_TYPE(UploadDiskImage::Params)
SB_RPC_TYPE(UploadDiskImage::Reply)
SB_RPC_TYPE(GetOperation::Params)
SB_RPC_TYPE(GetOperation::Reply)
SB_RPC_TYPE(CancelOperation::Params)
SB_RPC_TYPE(CancelOperation::Reply)
SB_RPC_TYPE(AdoptionInfo)
SB_RPC_TYPE(ListOldFolders::Params)
SB_RPC_TYPE(ListOldFolders::Reply)
SB_RPC_TYPE(InspectOldFolder::Params)
SB_RPC_TYPE(InspectOldFolder::Reply)
SB_RPC_TYPE(AdoptFolder::Params)
SB_RPC_TYPE(AdoptFolder::Reply)
SB_RPC_TYPE(AdoptionPreview::Params)
SB_RPC_TYPE(AdoptionPreview::Reply)

#undef SB_RPC_TYPE

}  // namespace sb::rpc
