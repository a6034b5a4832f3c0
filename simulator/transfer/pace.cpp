#include "simulator/transfer/pace.hpp"

#include <algorithm>
#include <cerrno>
#include <string>
#include <thread>
#include <utility>

#include <poll.h>
#include <unistd.h>

namespace sb::sim {
namespace {

constexpr double data_share = 0.98;  // share of the whole transfer; the rest is the definition and closing

Failed reader_is_gone() { return Failed{"the reader of the transfer's messages is gone", {}, ""}; }

}  // namespace

bool Reporter::send(WorkerMessage const& message) {
    std::string line = to_json(message);
    line += '\n';
    for (std::size_t at = 0; at < line.size() && !gone_;) {
        ssize_t const put = ::write(fd_, line.data() + at, line.size() - at);
        if (put >= 0) at += static_cast<std::size_t>(put);
        else if (errno == EAGAIN) {
            pollfd ready{fd_, POLLOUT, 0};
            ::poll(&ready, 1, -1);
        } else gone_ = errno != EINTR;
    }
    return !gone_;
}

void Reporter::wait_until_reader_is_gone() {
    pollfd reader{fd_, 0, 0};
    while (::poll(&reader, 1, -1) < 0 && errno == EINTR) {}
    gone_ = true;
}

Pace::Pace(Reporter& reporter, std::uint32_t duration_ms, TransferFaults const& faults)
    : reporter_(reporter), faults_(faults), duration_(duration_ms) {}

Outcome<void> Pace::begin(std::uint64_t total_bytes) {
    total_ = total_bytes;
    return report(0);
}

double Pace::time_fraction() const {
    if (duration_.count() == 0) return 1.0;
    std::chrono::duration<double> const past = Clock::now() - start_;
    return std::min(1.0, past / std::chrono::duration<double>(duration_));
}

std::uint32_t Pace::elapsed_ms() const {
    auto const past = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start_);
    return static_cast<std::uint32_t>(past.count());
}

Outcome<void> Pace::wait_until(double fraction) {
    // Ticks of 0.5 % keep the progress smooth even if the disk is a single cluster.
    using std::chrono::milliseconds;
    auto const tick = std::clamp<Clock::duration>(duration_ / 200, milliseconds(5), milliseconds(200));
    auto const due = start_ + std::chrono::duration_cast<Clock::duration>(duration_ * fraction);
    while (Clock::now() < due) {
        if (auto reported = report(static_cast<int>(std::min(time_fraction(), fraction) * 100)); !reported)
            return reported;
        std::this_thread::sleep_for(std::min(tick, due - Clock::now()));
    }
    return report(static_cast<int>(fraction * 100));
}

Outcome<void> Pace::moved(std::uint64_t bytes) {
    bytes_ = std::min(total_, bytes_ + bytes);
    double const share = total_ == 0 ? 1.0 : static_cast<double>(bytes_) / static_cast<double>(total_);
    return wait_until(share * data_share);
}

Outcome<void> Pace::data_complete() { return wait_until(data_share); }

Outcome<void> Pace::finish() {
    if (auto reported = report(99); !reported) return reported;
    if (duration_.count() > 0) std::this_thread::sleep_until(start_ + duration_);
    return {};
}

Outcome<void> Pace::report(int percent) {
    percent = std::clamp(percent, std::max(told_, 0), 99);
    bool const fails = faults_.fail_at_percent && percent >= std::min(*faults_.fail_at_percent, 99);
    bool const freezes = faults_.freeze_at_percent && percent >= std::min(*faults_.freeze_at_percent, 99);
    if (fails) percent = std::max(told_, std::min(percent, *faults_.fail_at_percent));
    if (freezes) percent = std::max(told_, std::min(percent, *faults_.freeze_at_percent));
    if (percent > told_) {
        told_ = percent;
        if (!reporter_.send(Progress{percent, bytes_})) return reader_is_gone();
    }
    if (fails) return Failed{faults_.fail_message.empty() ? "Transfer aborted" : faults_.fail_message, {}, ""};
    if (freezes) {
        reporter_.wait_until_reader_is_gone();
        return reader_is_gone();
    }
    return {};
}

}  // namespace sb::sim
