#include "daemon/engine/leases.hpp"

#include "common/text/case_key.hpp"

#include <utility>

namespace sb::engine {

struct Leases::Users {
    struct Use {
        int shared = 0;
        bool alone = false;
    };
    std::map<std::string, Use> of;  ///< by case_key() of the backup's name

    void end(std::string const& key, bool alone) {
        auto const found = of.find(key);
        if (found == of.end()) return;
        if (alone) found->second.alone = false;
        else --found->second.shared;
        if (!found->second.alone && found->second.shared == 0) of.erase(found);
    }
};

Leases::Leases() : users_(std::make_shared<Users>()) {}

std::optional<Leases::Lease> Leases::add(std::string const& backup, bool alone) {
    auto const key = case_key(backup);
    auto const found = users_->of.find(key);
    bool const is_used = found != users_->of.end();
    if (is_used && (alone || found->second.alone)) return std::nullopt;
    auto& use = users_->of[key];
    if (alone) use.alone = true;
    else ++use.shared;
    std::shared_ptr<void> held(users_.get(), [users = users_, key, alone](void*) { users->end(key, alone); });
    return Lease(std::move(held));
}

std::optional<Leases::Lease> Leases::share(std::string const& backup) { return add(backup, false); }
std::optional<Leases::Lease> Leases::take(std::string const& backup) { return add(backup, true); }

bool Leases::is_in_use(std::string const& backup) const { return users_->of.contains(case_key(backup)); }

}  // namespace sb::engine
