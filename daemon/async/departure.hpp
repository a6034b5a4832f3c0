#pragma once
// Whether the one who waits for an answer has left: an event that happens once at most. It belongs to one event loop.

#include <functional>
#include <list>
#include <memory>
#include <utility>

namespace sb {

class Departure {
    using Listeners = std::list<std::function<void()>>;

public:
    Departure() = default;
    Departure(Departure const&) = delete;
    Departure& operator=(Departure const&) = delete;

    /// Listens as long as it lives.
    class Listening {
    public:
        Listening(std::shared_ptr<Departure> departure, std::function<void()> on_departure)
            : departure_(std::move(departure)),
              place_(departure_->listeners_.insert(departure_->listeners_.end(), std::move(on_departure))) {}
        Listening(Listening const&) = delete;
        Listening& operator=(Listening const&) = delete;
        ~Listening() { departure_->listeners_.erase(place_); }

    private:
        std::shared_ptr<Departure> departure_;
        Listeners::iterator place_;
    };

    bool has_happened() const { return has_happened_; }
    /// Tells every listener, once. A listener only wakes what it belongs to; it destroys no Listening.
    void happen() {
        if (std::exchange(has_happened_, true)) return;
        for (auto const& tell : listeners_) tell();
    }

private:
    bool has_happened_ = false;
    Listeners listeners_;
};

}  // namespace sb
