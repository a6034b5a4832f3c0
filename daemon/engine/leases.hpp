#pragma once
// Who uses a backup now. A restore, a verification and a hook hold a shared lease; a deletion holds it alone, so
// that there is no moment between asking whether a backup is in use and deleting it. In memory: after a restart the
// jobs that are resumed take theirs again. Names are compared as a share compares them: without case.

#include <map>
#include <memory>
#include <optional>
#include <string>

namespace sb::engine {

class Leases {
public:
    /// Ends with the object. Movable.
    class Lease {
    public:
        Lease(Lease&&) noexcept = default;
        Lease& operator=(Lease&&) noexcept = default;
        ~Lease() = default;

    private:
        friend class Leases;
        explicit Lease(std::shared_ptr<void> held) : held_(std::move(held)) {}
        std::shared_ptr<void> held_;  ///< its deleter ends the lease
    };

    Leases();
    Leases(Leases const&) = delete;
    Leases& operator=(Leases const&) = delete;

    /// Together with others. Nothing while the backup is being deleted.
    std::optional<Lease> share(std::string const& backup);
    /// Alone. Nothing while the backup is in use or being deleted.
    std::optional<Lease> take(std::string const& backup);
    bool is_in_use(std::string const& backup) const;

private:
    struct Users;
    std::optional<Lease> add(std::string const& backup, bool alone);

    std::shared_ptr<Users> users_;  ///< shared with the leases, which may outlive this
};

}  // namespace sb::engine
