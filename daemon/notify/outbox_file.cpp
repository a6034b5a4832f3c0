#include "daemon/notify/outbox_file.hpp"

#include "daemon/notify/outbox_codec.hpp"
#include "daemon/platform/folder.hpp"

namespace sb::notify {
namespace {

constexpr std::size_t max_file_bytes = std::size_t{32} << 20;

}  // namespace

Result<std::vector<ports::QueuedMail>> OutboxFile::load() {
    auto const folder = platform::Folder::open(state_dir_);
    if (!folder) return folder.error();
    auto const info = folder->info(name);
    if (!info) return info.error();
    if (!*info) return std::vector<ports::QueuedMail>();
    auto const text = folder->read(name, max_file_bytes);
    if (!text) return text.error();
    auto mails = read_outbox(*text);
    if (!mails) return while_doing(mails.error(), (state_dir_ / name).string());
    return mails;
}

Result<void> OutboxFile::save(std::vector<ports::QueuedMail> const& mails) {
    auto const folder = platform::Folder::open(state_dir_);
    if (!folder) return folder.error();
    if (mails.empty()) return folder->remove_tree(name);
    return folder->write_privately(name, outbox_text(mails));
}

}  // namespace sb::notify
