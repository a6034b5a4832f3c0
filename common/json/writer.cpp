#include "common/json/writer.hpp"

#include "common/text/utf8.hpp"

#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

namespace sb::json {
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
    auto const clean = valid_utf8(name);
    impl_->with([&](auto& w) { w.Key(clean.data(), static_cast<rapidjson::SizeType>(clean.size())); });
    return *this;
}
Writer& Writer::string(std::string_view text) {
    auto const clean = valid_utf8(text);
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
