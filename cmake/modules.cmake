# sb_module(NAME SOURCES files… LINKS targets…): one folder = one static library. A folder cannot use what
# it does not link; tests/architecture checks the includes.
function(sb_module name)
  cmake_parse_arguments(MODULE "" "" "SOURCES;LINKS" ${ARGN})
  add_library(${name} STATIC ${MODULE_SOURCES})
  target_link_libraries(${name} PUBLIC sb_options ${MODULE_LINKS})
endfunction()

# sb_test(NAME SOURCES files… LINKS targets… [LABELS …] [TIMEOUT s]): a GoogleTest program known to ctest.
function(sb_test name)
  cmake_parse_arguments(TEST "" "TIMEOUT" "SOURCES;LINKS;LABELS" ${ARGN})
  add_executable(${name} ${TEST_SOURCES})
  target_link_libraries(${name} PRIVATE sb_options ${TEST_LINKS} GTest::gmock_main)
  target_compile_options(${name} PRIVATE -Wno-dangling-else)  # the EXPECT macros after an if
  if(NOT TEST_TIMEOUT)
    set(TEST_TIMEOUT 60)
  endif()
  if(SB_SANITIZE)
    math(EXPR TEST_TIMEOUT "${TEST_TIMEOUT} * 5")
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST
    PROPERTIES TIMEOUT ${TEST_TIMEOUT} LABELS "${TEST_LABELS}")
endfunction()
