#pragma once
// A folder of a test's own, gone at its end.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace sb::config::testing {

class TemporaryFolder {
public:
    TemporaryFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "config-test-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
        path_ = pattern;
    }
    TemporaryFolder(TemporaryFolder const&) = delete;
    TemporaryFolder& operator=(TemporaryFolder const&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    std::filesystem::path const& path() const { return path_; }

    std::filesystem::path write(std::string const& name, std::string_view content) const {
        std::ofstream(path_ / name, std::ios::binary) << content;
        std::filesystem::permissions(path_ / name, std::filesystem::perms{0600});  // as a file with passwords should be
        return path_ / name;
    }

private:
    std::filesystem::path path_;
};

}  // namespace sb::config::testing
