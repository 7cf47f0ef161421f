#include "io/xdmf_document.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>

#include "core/check.h"
#include "core/files.h"

namespace cotan {
namespace fs = std::filesystem;
namespace {

constexpr int kMostDepth = 16;            // of includes in includes
constexpr std::size_t kMostFiles = 1000;  // included ones
constexpr std::size_t kMostExpression = 500;
constexpr std::size_t kMostIncluded = 1'000'000;  // elements, each as often as it is

bool is_include(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  return name == "include" || name.ends_with(":include");
}

std::size_t line_in(const std::string& text, std::ptrdiff_t offset) {
  const auto end = text.begin() + std::clamp<std::ptrdiff_t>(offset, 0, std::ssize(text));
  return static_cast<std::size_t>(1 + std::count(text.begin(), end, '\n'));
}

// "element(/1/1/2)" -> "/1/1/2"; nothing where the text has another form
std::string inside(const std::string& text, std::string_view function) {
  const auto begin = text.find_first_not_of(" \t\r\n"), end = text.find_last_not_of(" \t\r\n");
  if (begin == text.npos || text.compare(begin, function.size(), function) != 0 || text[end] != ')') return "";
  const std::size_t first = begin + function.size() + 1;
  return text[first - 1] == '(' && end > first ? text.substr(first, end - first) : "";
}

// /1/2: the second element under the first, as XPath: /*[1]/*[2]
std::string as_xpath(const std::string& child_sequence) {
  std::istringstream in(child_sequence);
  std::string out, number;
  std::getline(in, number, '/');
  while (std::getline(in, number, '/')) {
    if (number.empty() || number.find_first_not_of("0123456789") != number.npos) return "";
    out += "/*[" + number + "]";
  }
  return out;
}

// At most one search through the whole tree, no way back up, and no paths inside brackets, so that none takes long.
bool is_quick(const std::string& expression) {
  constexpr std::array<std::string_view, 3> axes = {"self", "child", "attribute"};
  const auto search = expression.find("//");
  const bool searches_again = search != expression.npos && expression.find("//", search + 2) != expression.npos;
  if (expression.size() > kMostExpression || !expression.starts_with("/") || searches_again ||
      expression.find("..") != expression.npos)
    return false;
  for (auto at = expression.find('['); at != expression.npos; at = expression.find('[', at + 1)) {
    const auto stop = expression.find_first_of("[]/", at + 1);
    if (stop == expression.npos || expression[stop] != ']') return false;
  }
  for (auto at = expression.find("::"); at != expression.npos; at = expression.find("::", at + 2)) {
    const auto before = expression.find_last_not_of("abcdefghijklmnopqrstuvwxyz-", at - 1);
    if (!std::count(axes.begin(), axes.end(), std::string_view(expression).substr(before + 1, at - before - 1)))
      return false;
  }
  return true;
}

}  // namespace

XdmfDocument::XdmfDocument(fs::path path) : path_(std::move(path)) {
  main_ = &load(path_);
  COTAN_REQUIRE(std::string_view(root().name()) == "Xdmf",
                path_.string() << ": begins with <" << root().name() << ">, expected <Xdmf>");
}

XdmfDocument::File& XdmfDocument::load(const fs::path& path) {
  for (auto& file : files_) {
    if (file->path == path) return *file;
  }
  COTAN_REQUIRE(files_.size() < kMostFiles, path_.string() << ": includes more than " << kMostFiles << " files");
  auto file = std::make_unique<File>();
  file->path = path;
  file->text = read_file(path);
  COTAN_REQUIRE(file->text.find_first_not_of(" \t\r\n") != std::string::npos, path.string() << ": the file is empty");
  const auto result = file->document.load_buffer(file->text.data(), file->text.size());
  COTAN_REQUIRE(result && file->document.document_element(),
                path.string() << ":" << line_in(file->text, result.offset) << ": not whole XML ("
                              << result.description() << "): cut, corrupt or another format");
  for (std::size_t at = file->text.find('\n'); at != std::string::npos; at = file->text.find('\n', at + 1))
    file->line_ends.push_back(static_cast<std::ptrdiff_t>(at));
  files_.push_back(std::move(file));
  return *files_.back();
}

XdmfDocument::File& XdmfDocument::file_of(const pugi::xml_node& node) const {
  for (const auto& file : files_) {
    if (file->document == node.root()) return *file;
  }
  return *main_;
}

std::string XdmfDocument::where(const pugi::xml_node& node) const {
  const File& file = file_of(node);
  const auto& ends = file.line_ends;  // not counted anew each time: every grid of thousands asks
  const auto line = 1 + std::distance(ends.begin(), std::lower_bound(ends.begin(), ends.end(), node.offset_debug()));
  return file.path.string() + ":" + std::to_string(line) + ": <" + node.name() + ">";
}

void XdmfDocument::fail(const pugi::xml_node& node, const std::string& problem) const {
  throw InputError(where(node) + ": " + problem);
}

std::vector<pugi::xml_node> XdmfDocument::select(File& file, const std::string& expression,
                                                 const pugi::xml_node& node) {
  if (const auto known = file.found.find(expression); known != file.found.end()) return known->second;
  std::vector<pugi::xml_node> out;
  if (!is_quick(expression)) {
    fail(node, "'" + expression.substr(0, 80) + "': expected a path from the root, as /Xdmf/Domain/Grid[1]/Topology");
  }
  try {
    for (const auto& found : file.document.select_nodes(expression.c_str())) {
      if (found.node().type() == pugi::node_element) out.push_back(found.node());
    }
  } catch (const pugi::xpath_exception& error) {
    fail(node, "'" + expression + "': " + error.what());
  }
  if (out.empty()) fail(node, "'" + expression + "': there is no such element");
  file.found[expression] = out;
  return out;
}

std::vector<pugi::xml_node> XdmfDocument::included(const pugi::xml_node& include) {
  const std::string href = include.attribute("href").value(), pointer = include.attribute("xpointer").value();
  if (*include.attribute("parse").as_string("xml") == 't') fail(include, "text cannot be included");
  if (href.empty() && pointer.empty()) fail(include, "has neither href nor xpointer");
  File& file =
      href.empty() ? file_of(include) : load(file_inside(file_of(include).path.parent_path(), href, where(include)));
  if (pointer.empty()) return {file.document.document_element()};
  std::string expression = inside(pointer, "xpointer");
  if (expression.empty()) expression = as_xpath(inside(pointer, "element"));
  if (expression.empty())
    fail(include, "xpointer '" + pointer.substr(0, 80) + "': expected element(/1/…) or xpointer(/…)");
  return select(file, expression, include);
}

void XdmfDocument::expand(const pugi::xml_node& node, int depth, std::vector<pugi::xml_node>& out) {
  if (depth > kMostDepth) fail(node, "includes within includes: does it include itself?");
  included_ += depth > 0;
  if (included_ > kMostIncluded) fail(node, "more than " + std::to_string(kMostIncluded) + " elements are included");
  const std::string reference = node.attribute("Reference").value();
  if (is_include(node)) {
    for (const auto& each : included(node)) expand(each, depth + 1, out);
  } else if (!reference.empty()) {
    std::string path = xdmf_attribute(node, {"Reference"}) == "xml" ? node.text().as_string() : reference;
    path.erase(0, path.find_first_not_of(" \t\r\n"));
    path.erase(path.find_last_not_of(" \t\r\n") + 1);
    for (const auto& each : select(file_of(node), path, node)) expand(each, depth + 1, out);
  } else {
    out.push_back(node);
  }
}

std::vector<pugi::xml_node> XdmfDocument::children(const pugi::xml_node& node) {
  std::vector<pugi::xml_node> out;
  for (const auto& child : node.children()) {
    if (child.type() == pugi::node_element) expand(child, 0, out);
  }
  return out;
}

std::vector<pugi::xml_node> XdmfDocument::children(const pugi::xml_node& node, std::string_view name) {
  std::vector<pugi::xml_node> out = children(node);
  std::erase_if(out, [&](const auto& child) { return child.name() != name; });
  return out;
}

std::string xdmf_attribute(const pugi::xml_node& node, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (const auto attribute = node.attribute(name)) {
      std::string text = attribute.value();
      for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
      return text;
    }
  }
  return "";
}

}  // namespace cotan
