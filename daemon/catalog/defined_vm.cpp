#include "daemon/catalog/defined_vm.hpp"

#include "daemon/verify/definition.hpp"

namespace sb::catalog {

Result<core::DefinedVm> defined_vm(platform::Folder const& local_path, std::string const& backup,
                                   std::string const& file) {
    auto const folder = local_path.subfolder(backup);
    if (!folder) return folder.error();
    auto const text = folder->read(file, verify::max_definition_bytes);
    if (!text) return text.error();
    auto const definition = verify::parse_definition(*text);
    if (!definition) return while_doing(definition.error(), "'" + file + "'");
    core::DefinedVm vm;
    vm.vcpus = definition->vcpus;
    vm.memory_bytes = definition->memory_bytes;
    vm.description = definition->description;
    vm.nics = definition->nics.size();
    return vm;
}

}  // namespace sb::catalog
