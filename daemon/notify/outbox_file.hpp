#pragma once
// The Outbox port as a file in the state directory, where only the daemon's user can read it: it names VMs.

#include "daemon/ports/outbox.hpp"

#include <filesystem>

namespace sb::notify {

class OutboxFile final : public ports::Outbox {
public:
    static constexpr char const* name = "outbox.json";

    explicit OutboxFile(std::filesystem::path state_dir) : state_dir_(std::move(state_dir)) {}

    Result<std::vector<ports::QueuedMail>> load() override;
    /// With no mail, the file is removed.
    Result<void> save(std::vector<ports::QueuedMail> const& mails) override;

private:
    std::filesystem::path state_dir_;
};

}  // namespace sb::notify
