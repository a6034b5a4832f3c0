#pragma once
// libcurl, loaded with the first mail: it brings some twenty libraries (LDAP, Kerberos, SSH, GnuTLS) and 5 MiB of
// memory, which a daemon that sends no mail does not need (docs/decisions/0009-libcurl-on-first-use.md).

#include "common/error.hpp"

#include <curl/curl.h>

namespace sb::notify {

/// The functions that a mail needs, without the prefix "curl_".
struct LibCurl {
    decltype(&::curl_global_init) global_init = nullptr;
    decltype(&::curl_easy_init) easy_init = nullptr;
    decltype(&::curl_easy_setopt) easy_setopt = nullptr;
    decltype(&::curl_easy_perform) easy_perform = nullptr;
    decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
    decltype(&::curl_easy_strerror) easy_strerror = nullptr;
    decltype(&::curl_slist_append) slist_append = nullptr;
    decltype(&::curl_slist_free_all) slist_free_all = nullptr;
};

/// Loads the library `file` and initialises it. Error: `io`, with the system's words and what to install.
Result<LibCurl> load_libcurl(char const* file);

/// The system's libcurl, loaded by the first call, from any thread; it stays loaded. After an error the next call tries
/// again.
Result<LibCurl const*> libcurl();

}  // namespace sb::notify
