#include "daemon/api/uploaded_image.hpp"

#include "common/text/ascii.hpp"
#include "daemon/platform/random_access.hpp"
#include "daemon/verify/qcow2.hpp"

#include <cstddef>
#include <cstdint>
#include <span>

namespace sb::api {
namespace {

class OpenFileBytes final : public platform::RandomAccess {
public:
    OpenFileBytes(ipc::OpenFile const& file, std::uint64_t size) : file_(file), size_(size) {}

    std::uint64_t size() const override { return size_; }
    Result<void> read(std::uint64_t offset, std::span<std::byte> into) const override {
        auto* const bytes = static_cast<char*>(static_cast<void*>(into.data()));
        for (std::size_t done = 0; done < into.size();) {
            auto const got = file_.read_at({bytes + done, into.size() - done}, offset + done);
            if (!got) return got.error();
            if (*got == 0) return Error{Errc::io, "it shrank while it was being read"};
            done += *got;
        }
        return {};
    }

private:
    ipc::OpenFile const& file_;
    std::uint64_t const size_;
};

/// What the checks of backups call it, for someone who has an image and no backup.
Error not_uploadable(Error const& found) {
    bool const needs_another = found.context.find("another") != std::string::npos;
    auto const* advice = needs_another ? "; merge it first: qemu-img convert -O qcow2 IMAGE WHOLE-IMAGE"
                                       : "; check it with: qemu-img check IMAGE";
    return {Errc::refused, "the image cannot be uploaded: " + found.context + advice};
}

}  // namespace

Result<void> check_uploaded_image(std::string const& name, ipc::OpenFile const& file) {
    if (!ends_with_ignoring_case(name, ".qcow2")) return {};
    auto const size = file.size();
    if (!size) return size.error();
    auto const checked = verify::check_qcow2(OpenFileBytes(file, *size));
    if (checked || checked.error().code == Errc::refused) return {};  // refused: too large to be checked here
    if (checked.error().code == Errc::io) return while_doing(checked.error(), "reading the image");
    return not_uploadable(checked.error());
}

}  // namespace sb::api
