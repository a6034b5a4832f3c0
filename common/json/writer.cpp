#include "common/json/writer.hpp"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace sb::json {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

/// Length of the UTF-8 sequence at the front of `text`; 0 if it is invalid (overlong forms and surrogates included).
std::size_t sequence_length(std::string_view text) {
    auto const at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    unsigned const first = at(0);
    if (first < 0x80) return 1;
    std::size_t const length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if (!is_continuation(text[i])) return 0;
    unsigned const second = at(1);
    if (first == 0xE0 && second < 0xA0) return 0;
    if (first == 0xED && second > 0x9F) return 0;
    if (first == 0xF0 && second < 0x90) return 0;
    if (first == 0xF4 && second > 0x8F) return 0;
    return length;
}

std::string as_utf8(std::string_view text) {
    std::string clean;
    clean.reserve(text.size());
    while (!text.empty()) {
        auto const length = sequence_length(text);
        if (length == 0) {
            clean += "\xEF\xBF\xBD";
            text.remove_prefix(1);
        } else {
            clean += text.substr(0, length);
            text.remove_prefix(length);
        }
    }
    return clean;
}

}  // namespace

// PrettyWriter is-a Writer whose functions are not virtual, so both are kept and one is used.
struct Writer::Impl {
    explicit Impl(Layout chosen) : layout(chosen) { pretty.SetIndent(' ', 2); }

    template <class Call>
    void with(Call call) {
        if (layout == Layout::pretty) call(pretty);
        else call(compact);
    }

    Layout layout;
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> compact{buffer};
    rapidjson::PrettyWriter<rapidjson::StringBuffer> pretty{buffer};
};

Writer::Writer(Layout layout) : impl_(std::make_unique<Impl>(layout)) {}
Writer::Writer(Writer&&) noexcept = default;
Writer& Writer::operator=(Writer&&) noexcept = default;
Writer::~Writer() = default;

Writer& Writer::begin_object() {
    impl_->with([](auto& w) { w.StartObject(); });
    return *this;
}
Writer& Writer::end_object() {
    impl_->with([](auto& w) { w.EndObject(); });
    return *this;
}
Writer& Writer::begin_array() {
    impl_->with([](auto& w) { w.StartArray(); });
    return *this;
}
Writer& Writer::end_array() {
    impl_->with([](auto& w) { w.EndArray(); });
    return *this;
}
Writer& Writer::key(std::string_view name) {
    auto const clean = as_utf8(name);
    impl_->with([&](auto& w) { w.Key(clean.data(), static_cast<rapidjson::SizeType>(clean.size())); });
    return *this;
}
Writer& Writer::string(std::string_view text) {
    auto const clean = as_utf8(text);
    impl_->with([&](auto& w) { w.String(clean.data(), static_cast<rapidjson::SizeType>(clean.size())); });
    return *this;
}
Writer& Writer::integer(std::int64_t number) {
    impl_->with([&](auto& w) { w.Int64(number); });
    return *this;
}
Writer& Writer::unsigned_integer(std::uint64_t number) {
    impl_->with([&](auto& w) { w.Uint64(number); });
    return *this;
}
Writer& Writer::number(double number) {
    impl_->with([&](auto& w) { w.Double(number); });
    return *this;
}
Writer& Writer::boolean(bool truth) {
    impl_->with([&](auto& w) { w.Bool(truth); });
    return *this;
}
Writer& Writer::null() {
    impl_->with([](auto& w) { w.Null(); });
    return *this;
}
Writer& Writer::raw(std::string_view json) {
    impl_->with([&](auto& w) { w.RawValue(json.data(), json.size(), rapidjson::kObjectType); });
    return *this;
}

std::string Writer::take() {
    std::string text{impl_->buffer.GetString(), impl_->buffer.GetSize()};
    auto const layout = impl_->layout;
    impl_ = std::make_unique<Impl>(layout);
    return text;
}

}  // namespace sb::json
