#pragma once
// A temporary directory of a test, removed with its contents. SB_KEEP_TEMP=1 keeps it for inspection.

#include <filesystem>
#include <string>
#include <string_view>

namespace sb::test {

class TempDir {
public:
    TempDir();
    TempDir(TempDir const&) = delete;
    TempDir& operator=(TempDir const&) = delete;
    ~TempDir();

    std::filesystem::path const& path() const { return path_; }
    std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

/// The whole file, or "" if it cannot be read.
std::string read_file(std::filesystem::path const& file);
/// Throws if the file cannot be written.
void write_file(std::filesystem::path const& file, std::string_view text);

}  // namespace sb::test
