#include "common/json/document.hpp"

#include <rapidjson/document.h>
#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <cmath>

namespace sb::json {
namespace {

rapidjson::Value const& of(void const* value) { return *static_cast<rapidjson::Value const*>(value); }

constexpr unsigned flags = rapidjson::kParseIterativeFlag | rapidjson::kParseValidateEncodingFlag;
constexpr unsigned exactly = flags | rapidjson::kParseFullPrecisionFlag;

/// The digits before the exponent, from the first that is not zero.
std::string significant_digits(std::string_view number) {
    std::string digits;
    for (auto const c : number.substr(0, number.find_first_of("eE")))
        if (c >= '1' && c <= '9') digits += c;
        else if (c == '0' && !digits.empty()) digits += c;
    return digits;
}

/// Whether RapidJSON's exact reading would make 0 of the number's digits, whose leading zeros it then counts, which is
/// undefined: a zero that it has to compute ("-0e60", but not "0.0"), and what it rounds up beyond 64 bits.
bool has_no_exact_reading(std::string_view number) {
    constexpr std::string_view all_64_bits = "18446744073709551615";
    auto const digits = significant_digits(number);
    if (digits.empty()) return number.find_first_of("eE") != number.npos || number.size() > 20;
    return digits.starts_with(all_64_bits) && digits.size() > all_64_bits.size() && digits[all_64_bits.size()] >= '5';
}

// No destructor recursion or lookup is a danger once the depth is bounded: this handler only reads.
struct FirstPass : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, FirstPass> {
    std::size_t depth = 0;
    std::size_t limit = 0;
    bool no_exact_reading = false;
    bool enter() { return ++depth <= limit; }
    bool leave() {
        --depth;
        return true;
    }
    bool StartObject() { return enter(); }
    bool EndObject(rapidjson::SizeType) { return leave(); }
    bool StartArray() { return enter(); }
    bool EndArray(rapidjson::SizeType) { return leave(); }
    bool RawNumber(char const* text, rapidjson::SizeType length, bool) {
        no_exact_reading = no_exact_reading || has_no_exact_reading({text, length});
        return true;
    }
};

Error not_json(std::size_t offset, std::string const& why) {
    return Error{Errc::malformed, "JSON, byte " + std::to_string(offset) + ": " + why};
}

}  // namespace

struct Document::Impl {
    rapidjson::Document document;
};

Document::Document(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Result<Document> Document::parse(std::string_view text, std::size_t max_depth) {
    rapidjson::MemoryStream checked{text.data(), text.size()};
    rapidjson::EncodedInputStream<rapidjson::UTF8<>, rapidjson::MemoryStream> input{checked};
    rapidjson::Reader reader;
    FirstPass first;
    first.limit = max_depth;
    auto const parsed = reader.Parse<flags | rapidjson::kParseNumbersAsStringsFlag>(input, first);
    if (parsed.IsError()) {
        bool const too_deep = parsed.Code() == rapidjson::kParseErrorTermination;
        return not_json(parsed.Offset(), too_deep ? "nested more than " + std::to_string(max_depth) + " deep"
                                                  : std::string(rapidjson::GetParseError_En(parsed.Code())));
    }
    auto impl = std::make_unique<Impl>();
    auto& document = impl->document;
    if (first.no_exact_reading) document.Parse<flags>(text.data(), text.size());
    else document.Parse<exactly>(text.data(), text.size());
    if (document.HasParseError())
        return not_json(document.GetErrorOffset(), rapidjson::GetParseError_En(document.GetParseError()));
    return Document(std::move(impl));
}

View Document::root() const { return View(&static_cast<rapidjson::Value const&>(impl_->document)); }

bool View::is_null() const { return value_ && of(value_).IsNull(); }
bool View::is_object() const { return value_ && of(value_).IsObject(); }
bool View::is_array() const { return value_ && of(value_).IsArray(); }
bool View::is_string() const { return value_ && of(value_).IsString(); }
bool View::is_number() const { return value_ && of(value_).IsNumber(); }
bool View::is_bool() const { return value_ && of(value_).IsBool(); }

View View::operator[](std::string_view key) const {
    if (!is_object()) return {};
    rapidjson::Value const name{rapidjson::StringRef(key.data() ? key.data() : "", key.size())};
    auto const found = of(value_).FindMember(name);
    return found == of(value_).MemberEnd() ? View{} : View{&found->value};
}

std::size_t View::size() const {
    if (is_array()) return of(value_).Size();
    if (is_object()) return of(value_).MemberCount();
    return 0;
}

View View::at(std::size_t index) const {
    if (!is_array() || index >= of(value_).Size()) return {};
    return View{&of(value_)[static_cast<rapidjson::SizeType>(index)]};
}

std::vector<View> View::elements() const {
    std::vector<View> all;
    if (is_array())
        for (auto const& element : of(value_).GetArray()) all.push_back(View{&element});
    return all;
}

std::vector<std::pair<std::string_view, View>> View::members() const {
    std::vector<std::pair<std::string_view, View>> all;
    if (is_object())
        for (auto const& member : of(value_).GetObject())
            all.emplace_back(std::string_view(member.name.GetString(), member.name.GetStringLength()),
                             View{&member.value});
    return all;
}

std::optional<std::string_view> View::string() const {
    if (!is_string()) return std::nullopt;
    return std::string_view(of(value_).GetString(), of(value_).GetStringLength());
}

std::optional<std::int64_t> View::integer() const {
    if (!is_number()) return std::nullopt;
    if (of(value_).IsInt64()) return of(value_).GetInt64();
    double const number = of(value_).GetDouble();
    if (std::abs(number) < 9e15 && std::trunc(number) == number) return static_cast<std::int64_t>(number);
    return std::nullopt;
}

std::optional<std::uint64_t> View::unsigned_integer() const {
    if (is_number() && of(value_).IsUint64()) return of(value_).GetUint64();
    auto const whole = integer();
    if (!whole || *whole < 0) return std::nullopt;
    return static_cast<std::uint64_t>(*whole);
}

std::optional<double> View::number() const {
    if (!is_number()) return std::nullopt;
    return of(value_).GetDouble();
}

std::optional<bool> View::boolean() const {
    if (!is_bool()) return std::nullopt;
    return of(value_).GetBool();
}

std::string View::dump() const {
    if (!value_) return {};
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> writer{buffer};
    of(value_).Accept(writer);
    return {buffer.GetString(), buffer.GetSize()};
}

}  // namespace sb::json
