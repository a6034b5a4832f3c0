# What makes an error of ours harder to exploit. Included by options.cmake; adds to sb_options. The test
# architecture.hardening checks the built programs (tests/architecture/check_hardening.py).
include(CheckCXXCompilerFlag)
include(CheckLinkerFlag)
include(CheckPIESupported)

# Assertions of the standard library (an index outside of a vector ends the program), in each build: the tests run with them too.
target_compile_definitions(sb_options INTERFACE _GLIBCXX_ASSERTIONS)

set(optimised "Release;RelWithDebInfo;MinSizeRel")
if(CMAKE_BUILD_TYPE IN_LIST optimised AND NOT SB_SANITIZE)
  set(hardened ON)
else()
  set(hardened OFF)
endif()
option(SB_HARDEN "Stack protector, fortified library calls, control-flow protection, read-only tables after the start" ${hardened})
if(NOT SB_HARDEN)
  return()
endif()

check_pie_supported(LANGUAGES CXX)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
# Control-flow protection is of x86 (-fcf-protection) or ARM (-mbranch-protection).
foreach(flag -fstack-protector-strong -fstack-clash-protection -fcf-protection=full -mbranch-protection=standard)
  string(MAKE_C_IDENTIFIER "SB_HAS${flag}" known)
  check_cxx_compiler_flag(${flag} ${known})
  if(${known})
    target_compile_options(sb_options INTERFACE ${flag})
  endif()
endforeach()
# Undefined first: some distributions define it, with a lower level. Level 3 falls back to 2 where it is not known. It needs
# optimisation.
target_compile_options(sb_options INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
foreach(flag relro now noexecstack separate-code)
  string(MAKE_C_IDENTIFIER "SB_LINKS_WITH_${flag}" known)
  check_linker_flag(CXX "LINKER:-z,${flag}" ${known})
  if(${known})
    target_link_options(sb_options INTERFACE "LINKER:-z,${flag}")
  endif()
endforeach()
