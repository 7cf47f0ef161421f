#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "io/archive.h"
#include "mesh/field.h"

namespace cotan {

struct CommonArguments;

/// What a file or this build holds, as the keys of docs/cli.md.
using Facts = nlohmann::ordered_json;

/// `dim`, `points`, `cells` (by type), `sets` (name -> size, on, number).
Facts facts_of(const Mesh& mesh);
/// By its kind: a mesh, an archive, a case or a checkpoint. Values are read in windows, never all at once.
/// \throw InputError naming the file
Facts facts_of_file(const std::filesystem::path& path, const ArchiveOptions& options, const CommonArguments& common);
/// Models, problems, integrators, formats, features and licence.
Facts facts_of_build();

/// The same for a person: a line a fact, a table for fields.
std::string to_text(const Facts& facts);

}  // namespace cotan
