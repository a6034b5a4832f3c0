#pragma once
// The definition file of an export: libvirt-like XML, NUL-padded to whole disk sectors like the files of real clusters.
// Elements that no known export contains (VLAN, SCSI) follow libvirt.

#include "common/error.hpp"
#include "simulator/transfer/definition.hpp"

#include <string>
#include <string_view>

namespace sb::sim {

/// The whole file, padded with 0x00 to the next multiple of 512.
std::string definition_xml(VmDefinition const& vm);

/// Reads up to the first NUL. Errc::malformed: not XML, no <domain>, or no name in it. CD-ROMs have no uuid.
Result<VmDefinition> parse_definition_xml(std::string_view file);

}  // namespace sb::sim
