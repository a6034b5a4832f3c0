#pragma once
// A folder with files of all shapes, and a complete verification of it.

#include "daemon/verify/content_verification.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>

namespace sb::verify {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class ContentFixture : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "sb-content-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        dir_ = pattern;
    }
    void TearDown() override { fs::remove_all(dir_); }

    static std::string noise(std::size_t size, unsigned seed = 1) {
        std::mt19937 random(seed);
        std::string block(4096, '\0');
        for (auto& byte : block) byte = static_cast<char>(random());
        std::string bytes;
        while (bytes.size() < size) {
            block.replace(0, 8, std::to_string(10'000'000 + bytes.size() / block.size()));  // no two chunks alike
            bytes += block;
        }
        bytes.resize(size);
        return bytes;
    }
    void write(std::string const& name, std::string const& bytes) {
        std::ofstream(dir_ / name, std::ios::binary | std::ios::trunc)
            .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    void write_at(std::string const& name, std::uint64_t offset, std::string const& bytes) {
        std::fstream file(dir_ / name, std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(static_cast<std::streamoff>(offset));
        file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    }
    std::string bytes_of(std::string const& name) const {
        std::ifstream in(dir_ / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }
    void flip(std::string const& name, std::uint64_t offset, unsigned bit) {
        std::fstream file(dir_ / name, std::ios::binary | std::ios::in | std::ios::out);
        file.seekg(static_cast<std::streamoff>(offset));
        char byte = 0;
        file.get(byte);
        byte = static_cast<char>(byte ^ (1 << bit));
        file.seekp(static_cast<std::streamoff>(offset));
        file.put(byte);
    }

    std::vector<FileToVerify> files_with(std::vector<VerifiedFile> const& roots = {}) const {
        std::vector<FileToVerify> files;
        for (auto const& name : names_) files.push_back({name, fs::file_size(dir_ / name), std::nullopt});
        for (std::size_t i = 0; i < roots.size(); ++i) files[i].root = roots[i].root;
        for (std::size_t i = 0; i < roots.size(); ++i) files[i].size = roots[i].size;
        return files;
    }
    Result<std::unique_ptr<ContentVerification>> begin(std::vector<FileToVerify> files) const {
        auto folder = platform::Folder::open(dir_);
        if (!folder) return folder.error();
        return ContentVerification::begin(std::move(*folder), std::move(files), started_);
    }
    Result<std::vector<VerifiedFile>> verify_files(std::vector<FileToVerify> files, unsigned threads = 1) const {
        auto verification = begin(std::move(files));
        if (!verification) return verification.error();
        while (!(*verification)->done())
            if (auto read = (*verification)->advance(5u << 20, threads); !read) return read.error();
        return (*verification)->finish();
    }

    fs::path dir_;
    std::vector<std::string> names_;
    UtcTime started_{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 22h};
};

}  // namespace sb::verify
