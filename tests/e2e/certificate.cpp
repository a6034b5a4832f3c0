#include "tests/e2e/certificate.hpp"

#include "tests/support/process.hpp"

#include <gtest/gtest.h>

namespace sb::test {

// 'openssl x509' cannot create a certificate with dates in the past, 'openssl ca' can.
Certificate make_certificate(TempDir const& dir, std::string const& name, std::string const& last_day) {
    Certificate made{.key = dir / (name + ".key"), .pem = dir / (name + ".pem"), .fingerprint = {}};
    auto const at = [&](std::string const& file) { return (dir / file).string(); };
    write_file(dir / "index.txt", "");
    write_file(dir / "ca.cnf", "[ca]\ndefault_ca = here\n[here]\ndatabase = " + at("index.txt") +
                                   "\nnew_certs_dir = " + dir.path().string() + "\nserial = " + at("serial") +
                                   "\ndefault_md = sha256\npolicy = any\n[any]\ncommonName = supplied\n");
    auto const request =
        run({.argv = {"openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                      "-keyout", made.key.string(), "-subj", "/CN=" + name, "-out", at("csr")}});
    EXPECT_EQ(request.code, 0) << request.err;
    auto const signing = run({.argv = {"openssl", "ca", "-batch", "-selfsign", "-notext", "-rand_serial", "-config",
                                       at("ca.cnf"), "-in", at("csr"), "-keyfile", made.key.string(), "-startdate",
                                       "200101000000Z", "-enddate", last_day, "-out", made.pem.string()}});
    EXPECT_EQ(signing.code, 0) << signing.err;
    auto const print =
        run({.argv = {"openssl", "x509", "-in", made.pem.string(), "-noout", "-fingerprint", "-sha256"}}).out;
    made.fingerprint = print.substr(print.find('=') + 1, 32 * 3 - 1);
    return made;
}

}  // namespace sb::test
