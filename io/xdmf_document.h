#pragma once
#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <pugixml.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace cotan {

/// The XML of an XDMF file with what it includes: xi:include by element() or xpointer(), in the file itself or in one
/// beside it, and Reference="XML". Nothing outside the file's folder is read, and no DTD.
class XdmfDocument {
 public:
  /// \throw InputError naming file and line
  explicit XdmfDocument(std::filesystem::path path);
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path folder() const { return path_.parent_path(); }
  pugi::xml_node root() const { return main_->document.document_element(); }
  /// Elements under a node in their order, with includes and references in their place.
  /// \throw InputError: nothing there, or an include that leads back to itself
  std::vector<pugi::xml_node> children(const pugi::xml_node& node);
  std::vector<pugi::xml_node> children(const pugi::xml_node& node, std::string_view name);
  /// "file.xdmf:12: <Topology>", for messages
  std::string where(const pugi::xml_node& node) const;
  [[noreturn]] void fail(const pugi::xml_node& node, const std::string& problem) const;

 private:
  struct File {
    std::filesystem::path path;
    std::string text;
    pugi::xml_document document;
    std::vector<std::ptrdiff_t> line_ends;
    std::map<std::string, std::vector<pugi::xml_node>> found;  // by XPath expression
  };
  File& load(const std::filesystem::path& path);
  File& file_of(const pugi::xml_node& node) const;
  void expand(const pugi::xml_node& node, int depth, std::vector<pugi::xml_node>& out);
  std::vector<pugi::xml_node> included(const pugi::xml_node& include);
  std::vector<pugi::xml_node> select(File& file, const std::string& expression, const pugi::xml_node& where);

  std::filesystem::path path_;
  std::vector<std::unique_ptr<File>> files_;
  File* main_ = nullptr;
  std::size_t included_ = 0;  // elements so far
};

/// An attribute under any of several names, lower case; "" where it is absent.
std::string xdmf_attribute(const pugi::xml_node& node, std::initializer_list<const char*> names);

}  // namespace cotan
