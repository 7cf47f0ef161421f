#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <pugixml.hpp>
#include <string>
#include <string_view>

namespace cotan {

/// What all arrays of a VTK XML file have in common.
struct VtkEncoding {
  std::size_t word = 4;  ///< bytes of a length
  bool little = true, compressed = false, base64 = false;
};

/// Checks the arrays of one file against the counts that they must have.
class VtkArrayChecker {
 public:
  VtkArrayChecker(const std::filesystem::path& path, VtkEncoding encoding, std::optional<std::string_view> appended,
                  bool appended_base64, std::uint64_t file_size)
      : path_(path),
        encoding_(encoding),
        appended_(appended),
        appended_base64_(appended_base64),
        file_size_(file_size) {}

  /// \param tuples that the array must have; nothing: any number \throw InputError naming file and array
  void check(const pugi::xml_node& array, std::optional<std::uint64_t> tuples) const;
  /// A whole number that an attribute is. \throw InputError: none, and no `otherwise`
  std::uint64_t count(const pugi::xml_node& node, const char* attribute, std::optional<std::uint64_t> otherwise) const;
  [[noreturn]] void fail(const std::string& problem) const;

 private:
  std::size_t value_size(const std::string& type) const;
  void check_text(const pugi::xml_node& array, const std::string& type, std::optional<std::uint64_t> values) const;
  std::uint64_t word_at(const std::string& header, std::size_t k) const;
  std::string header(std::string_view data, bool base64, std::uint64_t words) const;
  void check_binary(std::string_view data, bool base64, std::size_t size, std::optional<std::uint64_t> values) const;
  static std::string text(double number);

  std::filesystem::path path_;
  VtkEncoding encoding_;
  std::optional<std::string_view> appended_;
  bool appended_base64_;
  std::uint64_t file_size_;
  mutable std::string name_;     // of the array being checked, for messages
  mutable double unpacked_ = 0;  // bytes that the packed arrays make, so far
};

/// A VTK XML file in memory, whole XML up to appended data.
class VtkXmlFile {
 public:
  /// \param type of the root: "UnstructuredGrid" \throw InputError: no such file, and naming the line
  VtkXmlFile(const std::filesystem::path& path, std::string_view type);
  VtkXmlFile(const VtkXmlFile&) = delete;
  VtkXmlFile& operator=(const VtkXmlFile&) = delete;

  pugi::xml_node root() const { return root_; }
  VtkArrayChecker checker() const;
  /// "a.pvd:12": where a node begins; lines are counted from where the last call ended. \pre no appended data
  std::string where(const pugi::xml_node& node);

 private:
  void split_appended();

  std::filesystem::path path_;
  std::string bytes_, head_;
  std::optional<std::string_view> appended_;
  bool base64_ = false;
  pugi::xml_document document_;
  pugi::xml_node root_;
  std::ptrdiff_t counted_ = 0;  // bytes, of which the lines are known
  std::size_t line_ = 1;
};

/// A text without the blanks around it.
std::string_view xml_trimmed(std::string_view text);

}  // namespace cotan
