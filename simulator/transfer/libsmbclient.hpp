#pragma once
// libsmbclient, loaded by the first transfer over SMB: it brings a hundred libraries, and a process that loads them
// needs 50 ms more to start. Most tests map the share to a folder and need none of it. Internal to this folder.

#include "simulator/transfer/outcome.hpp"

#include <libsmbclient.h>

namespace sb::sim {

/// The functions that a transfer needs, without the prefix "smbc_".
struct LibSmbClient {
    decltype(&::smbc_new_context) new_context = nullptr;
    decltype(&::smbc_init_context) init_context = nullptr;
    decltype(&::smbc_free_context) free_context = nullptr;
    decltype(&::smbc_set_context) set_context = nullptr;
    decltype(&::smbc_setDebug) set_debug = nullptr;
    decltype(&::smbc_setTimeout) set_timeout = nullptr;
    decltype(&::smbc_setPort) set_port = nullptr;
    decltype(&::smbc_setOptionDebugToStderr) set_debug_to_stderr = nullptr;
    decltype(&::smbc_setOptionNoAutoAnonymousLogin) set_no_anonymous_login = nullptr;
    decltype(&::smbc_setOptionUseKerberos) set_use_kerberos = nullptr;
    decltype(&::smbc_setFunctionAuthDataWithContext) set_auth_data = nullptr;
    decltype(&::smbc_stat) stat = nullptr;
    decltype(&::smbc_mkdir) mkdir = nullptr;
    decltype(&::smbc_opendir) opendir = nullptr;
    decltype(&::smbc_closedir) closedir = nullptr;
    decltype(&::smbc_open) open = nullptr;
    decltype(&::smbc_close) close = nullptr;
    decltype(&::smbc_fstat) fstat = nullptr;
    decltype(&::smbc_lseek) lseek = nullptr;
    decltype(&::smbc_read) read = nullptr;
    decltype(&::smbc_write) write = nullptr;
    decltype(&::smbc_ftruncate) ftruncate = nullptr;
};

/// Loaded by the first call; it stays loaded. One thread only, as the library itself demands.
Outcome<LibSmbClient const*> libsmbclient();

}  // namespace sb::sim
