#pragma once
// What the documents say about the keys, made from their descriptors.

#include "common/config/key.hpp"

#include <string>

namespace sb::config::testing {

/// config/config.toml.example.
std::string example_file();

/// The table of a section in docs/config.md.
std::string markdown_table(KeySection const& section);

/// docs/config.md with the tables of all sections replaced; the text around them stays.
std::string with_tables(std::string page);

}  // namespace sb::config::testing
