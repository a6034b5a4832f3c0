// Runs a fuzz target over the saved inputs, in every build and with every compiler.
// usage: fuzz_NAME FILE|FOLDER…     (a missing folder has no inputs)
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size);

namespace {

namespace fs = std::filesystem;

std::vector<fs::path> files_of(fs::path const& given) {
    if (!fs::is_directory(given)) return fs::exists(given) ? std::vector{given} : std::vector<fs::path>();
    std::vector<fs::path> files;
    for (auto const& entry : fs::directory_iterator(given))
        if (entry.is_regular_file()) files.push_back(entry.path());
    std::ranges::sort(files);
    return files;
}

std::vector<std::uint8_t> bytes_of(fs::path const& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace

int main(int count, char** arguments) {
    std::size_t inputs = 0;
    for (int i = 1; i < count; ++i)
        for (auto const& path : files_of(arguments[i])) {
            // Printed first, so that it precedes the output of a sanitizer or a property.
            std::printf("%s\n", path.c_str());
            std::fflush(stdout);
            auto const bytes = bytes_of(path);
            LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
            ++inputs;
        }
    std::printf("%zu inputs\n", inputs);
    return inputs == 0 ? 1 : 0;
}
