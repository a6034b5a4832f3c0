#pragma once
// Whether the tests, and the programs that they start, were built with a sanitizer.

namespace sb::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

}  // namespace sb::test
