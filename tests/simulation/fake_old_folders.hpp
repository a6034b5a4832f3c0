#pragma once
// Folders of another program, in memory.

#include "daemon/ports/old_folders.hpp"

#include <map>
#include <string>
#include <vector>

namespace sb::test {

class FakeOldFolders final : public ports::OldFolders {
public:
    std::map<std::string, core::OldFolder> folders;

    task<Result<std::vector<std::string>>> list() override {
        std::vector<std::string> names;
        for (auto const& [name, folder] : folders) names.push_back(name);
        co_return names;
    }
    task<Result<core::OldFolder>> inspect(std::string name) override {
        core::OldFolder missing;
        missing.name = name;
        missing.there = false;
        auto const found = folders.find(name);
        if (found == folders.end()) co_return missing;
        co_return found->second;
    }
};

}  // namespace sb::test
