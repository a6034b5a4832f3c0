# Toolchain of the preset `fuzz`: libFuzzer comes with clang only. Debian's RapidJSON does not compile with clang >= 19, so older ones
# are taken first; a system's own clang++ (FreeBSD) comes last.
find_program(SB_CLANG NAMES clang++-14 clang++-15 clang++-16 clang++-17 clang++-18 clang++ REQUIRED)
set(CMAKE_CXX_COMPILER ${SB_CLANG})
