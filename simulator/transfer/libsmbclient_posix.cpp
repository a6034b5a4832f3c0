#include "simulator/transfer/libsmbclient.hpp"

#include <dlfcn.h>

#include <string>

namespace sb::sim {
namespace {

// The ABI has had this number since Samba 3; headers and library of one system belong together.
constexpr char const* system_library = "libsmbclient.so.0";

Failed cannot_load() {
    char const* const reason = ::dlerror();
    return failed_here(
        {Errc::io, std::string("libsmbclient cannot be loaded: ") + (reason != nullptr ? reason : "unknown reason")});
}

template <class Function>
bool find(void* library, char const* name, Function& function) {
    // As POSIX defines it: a function's address is returned as that of an object.
    function = reinterpret_cast<Function>(::dlsym(library, name));
    return function != nullptr;
}

bool find_all(void* library, LibSmbClient& smb) {
    return find(library, "smbc_new_context", smb.new_context) && find(library, "smbc_init_context", smb.init_context) &&
           find(library, "smbc_free_context", smb.free_context) && find(library, "smbc_set_context", smb.set_context) &&
           find(library, "smbc_setDebug", smb.set_debug) && find(library, "smbc_setTimeout", smb.set_timeout) &&
           find(library, "smbc_setPort", smb.set_port) &&
           find(library, "smbc_setOptionDebugToStderr", smb.set_debug_to_stderr) &&
           find(library, "smbc_setOptionNoAutoAnonymousLogin", smb.set_no_anonymous_login) &&
           find(library, "smbc_setOptionUseKerberos", smb.set_use_kerberos) &&
           find(library, "smbc_setFunctionAuthDataWithContext", smb.set_auth_data) &&
           find(library, "smbc_stat", smb.stat) && find(library, "smbc_mkdir", smb.mkdir) &&
           find(library, "smbc_opendir", smb.opendir) && find(library, "smbc_closedir", smb.closedir) &&
           find(library, "smbc_open", smb.open) && find(library, "smbc_close", smb.close) &&
           find(library, "smbc_fstat", smb.fstat) && find(library, "smbc_lseek", smb.lseek) &&
           find(library, "smbc_read", smb.read) && find(library, "smbc_write", smb.write) &&
           find(library, "smbc_ftruncate", smb.ftruncate);
}

}  // namespace

Outcome<LibSmbClient const*> libsmbclient() {
    static LibSmbClient loaded;
    static bool ready = false;
    if (ready) return &loaded;
    void* const library = ::dlopen(system_library, RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr || !find_all(library, loaded)) return cannot_load();
    ready = true;
    return &loaded;
}

}  // namespace sb::sim
