#pragma once
// Certificates of clusters, created with openssl, with any end of validity.

#include "tests/support/temp_dir.hpp"

#include <filesystem>
#include <string>

namespace sb::test {

struct Certificate {
    std::filesystem::path key, pem;
    std::string fingerprint;
};

/// Valid from 2020 to `last_day` ("200201000000Z" has passed); its files are in `dir`.
Certificate make_certificate(TempDir const& dir, std::string const& name, std::string const& last_day);

}  // namespace sb::test
