#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace cotan {

/// Checks a VTU file before VTK reads it: the XML up to appended data, kind, byte order, header and compressor, one
/// piece, and that each array has as many values as the piece's counts ask for, by its text or by the lengths that
/// stand before its binary data, within the file. So VTK meets no count that lies and no file that is cut. \throw
/// InputError naming the file and line or array, found and expected
void check_vtu(const std::filesystem::path& path);
/// The same of a VTP file.
void check_vtp(const std::filesystem::path& path);
/// The pieces that a PVTU file names, in its folder or below it. \throw InputError naming file and line
std::vector<std::filesystem::path> read_pvtu_list(const std::filesystem::path& path);

/// Text for an attribute of an XML file. VTK 9.1 writes names as they are, so the names given to it go through this.
std::string xml_escaped(std::string_view text);

}  // namespace cotan
