#pragma once
// The protocol's links of VMs: which VM continues which earlier one. How a struct lists its fields: methods.hpp.

#include "common/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sb::rpc {

// ---- values ---------------------------------------------------------------------------------------

/// What the administrator said of a VM that the cluster no longer has.
struct LinkInfo {
    std::string earlier;  ///< what its newest backup calls it, or called it when it was linked; empty if not known
    std::string earlier_uuid;
    std::string later;       ///< the VM that continues it; empty = the cluster does not have that one now, or none does
    std::string later_uuid;  ///< empty = none does
    UtcTime since;
    std::uint64_t backups = 0;  ///< complete ones of the earlier VM
    bool in_effect = true;      ///< false: the cluster has the earlier VM again, or is another one

    static void fields(auto& visit, auto& link) {
        visit.required("earlier", link.earlier);
        visit.required("earlier_uuid", link.earlier_uuid);
        visit.required("later", link.later);
        visit.required("later_uuid", link.later_uuid);
        visit.required("since", link.since);
        visit.required("backups", link.backups);
        visit.required("in_effect", link.in_effect);
    }
};

/// A VM that may continue one that the cluster no longer has.
struct PossibleLinkInfo {
    std::string earlier;
    std::string earlier_uuid;
    std::string later;
    std::string later_uuid;
    std::uint64_t backups = 0;  ///< complete ones of the earlier VM
    std::string reason;         ///< for people: why it may

    static void fields(auto& visit, auto& link) {
        visit.required("earlier", link.earlier);
        visit.required("earlier_uuid", link.earlier_uuid);
        visit.required("later", link.later);
        visit.required("later_uuid", link.later_uuid);
        visit.required("backups", link.backups);
        visit.required("reason", link.reason);
    }
};

// ---- methods --------------------------------------------------------------------------------------

struct ListLinks {
    static constexpr std::string_view name = "links.list";
    static constexpr bool changes = false;
    static constexpr bool heavy = true;
    struct Params {};
    struct Reply {
        std::vector<LinkInfo> links;
        std::vector<PossibleLinkInfo> possible;

        static void fields(auto& visit, auto& reply) {
            visit.required("links", reply.links);
            visit.required("possible", reply.possible);
        }
    };
};

/// From now on the backups of a VM that the cluster no longer has count as those of another one. Refused (-18) if the
/// earlier VM exists, if all its backups are of another cluster, or if the two would continue each other.
struct AddLink {
    static constexpr std::string_view name = "links.add";
    static constexpr bool changes = true;
    struct Params {
        std::string earlier;  ///< name or uuid of the VM that is gone
        std::string later;    ///< name or uuid of the one that continues it; empty = none does

        static void fields(auto& visit, auto& params) {
            visit.required("earlier", params.earlier);
            visit.optional("later", params.later);
        }
    };
    struct Reply {
        LinkInfo link;

        static void fields(auto& visit, auto& reply) { visit.required("link", reply.link); }
    };
};

struct RemoveLink {
    static constexpr std::string_view name = "links.remove";
    static constexpr bool changes = true;
    struct Params {
        std::string earlier;  ///< name or uuid

        static void fields(auto& visit, auto& params) { visit.required("earlier", params.earlier); }
    };
    struct Reply {
        LinkInfo link;  ///< as it was

        static void fields(auto& visit, auto& reply) { visit.required("link", reply.link); }
    };
};

}  // namespace sb::rpc
