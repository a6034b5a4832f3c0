#include "daemon/notify/libcurl_internal.hpp"

#include <dlfcn.h>

#include <mutex>
#include <string>

namespace sb::notify {
namespace {

// The ABI has had this number since 2006; headers and library of one system belong together.
constexpr char const* system_library = "libcurl.so.4";

Error cannot_load() {
    char const* const reason = ::dlerror();
    return Error{Errc::io, std::string("mail needs libcurl, which cannot be loaded: ") +
                               (reason != nullptr ? reason : "unknown reason") +
                               "; install it (Debian: libcurl4, FreeBSD: curl)"};
}

template <class Function>
bool find(void* library, char const* name, Function& function) {
    // As POSIX defines it: a function's address is returned as that of an object.
    function = reinterpret_cast<Function>(::dlsym(library, name));
    return function != nullptr;
}

}  // namespace

Result<LibCurl> load_libcurl(char const* file) {
    void* const library = ::dlopen(file, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) return cannot_load();
    LibCurl curl;
    bool const all =
        find(library, "curl_global_init", curl.global_init) && find(library, "curl_easy_init", curl.easy_init) &&
        find(library, "curl_easy_setopt", curl.easy_setopt) && find(library, "curl_easy_perform", curl.easy_perform) &&
        find(library, "curl_easy_cleanup", curl.easy_cleanup) &&
        find(library, "curl_easy_strerror", curl.easy_strerror) &&
        find(library, "curl_slist_append", curl.slist_append) &&
        find(library, "curl_slist_free_all", curl.slist_free_all);
    if (!all) return cannot_load();
    auto const ready = curl.global_init(CURL_GLOBAL_DEFAULT);
    if (ready != CURLE_OK)
        return Error{Errc::io, std::string("libcurl cannot be initialised: ") + curl.easy_strerror(ready)};
    return curl;
}

Result<LibCurl const*> libcurl() {
    static std::mutex one_at_a_time;
    static LibCurl loaded;
    std::lock_guard const lock(one_at_a_time);
    if (loaded.global_init == nullptr) {
        auto const fresh = load_libcurl(system_library);
        if (!fresh) return fresh.error();
        loaded = *fresh;
    }
    return &loaded;
}

}  // namespace sb::notify
