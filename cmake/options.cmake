# How everything of ours is compiled: warnings are errors, Boost in its separately compiled form.
find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

# lld and mold link several times faster than bfd.
find_program(SB_LINKER NAMES ld.mold ld.lld)
cmake_path(GET SB_LINKER EXTENSION LAST_ONLY linker)
if(linker)
  string(SUBSTRING ${linker} 1 -1 linker)
  add_link_options(-fuse-ld=${linker})
endif()

add_library(sb_options INTERFACE)
target_include_directories(sb_options INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(sb_options INTERFACE
  -Wall -Wextra -Wpedantic -Werror $<$<NOT:$<BOOL:$<TARGET_PROPERTY:SB_MAY_SHADOW>>>:-Wshadow>
  -Wconversion -Wsign-conversion -Wold-style-cast -Wcast-qual
  -Wformat=2 -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough -Wundef)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Asio's coroutine frames set off mismatched-new-delete; aggregates with defaults are our style; in a unity build GCC takes the
  # anonymous namespaces of included .cpp files for those of a header (subobject-linkage).
  target_compile_options(sb_options INTERFACE -Wno-mismatched-new-delete -Wno-missing-field-initializers -Wno-subobject-linkage)
  # The compiler collects its own garbage less often: a tenth of the time for a quarter more memory.
  target_compile_options(sb_options INTERFACE "SHELL:--param ggc-min-expand=200" "SHELL:--param ggc-min-heapsize=1000000")
elseif(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(sb_options INTERFACE -Wno-missing-field-initializers)
endif()
target_compile_definitions(sb_options INTERFACE
  SB_VERSION="${PROJECT_VERSION}"
  BOOST_ASIO_DISABLE_BOOST_DATE_TIME
  BOOST_ASIO_NO_DEPRECATED
  BOOST_ASIO_SEPARATE_COMPILATION
  BOOST_BEAST_SEPARATE_COMPILATION
  BOOST_ERROR_CODE_HEADER_ONLY)

include(hardening)

if(SB_SANITIZE)
  target_compile_options(sb_options INTERFACE -fsanitize=${SB_SANITIZE} -fno-omit-frame-pointer)
  target_link_options(sb_options INTERFACE -fsanitize=${SB_SANITIZE})
  if(SB_SANITIZE MATCHES "thread")
    target_compile_options(sb_options INTERFACE -Wno-tsan)  # Asio's fences; harmless on one thread
  elseif(SB_SANITIZE MATCHES "undefined")
    target_compile_options(sb_options INTERFACE -fno-sanitize-recover=undefined)
  endif()
endif()
if(SB_FUZZ)
  target_compile_options(sb_options INTERFACE -fsanitize=fuzzer-no-link)  # counts branches; main comes with -fsanitize=fuzzer
endif()
