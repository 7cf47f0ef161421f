#include "io/gmsh.h"

#include <gmsh.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <mutex>

#include "core/check.h"
#include "core/files.h"
#include "io/msh.h"

namespace cotan {
namespace {

constexpr std::array<std::string_view, 7> kExtensions = {".geo",  ".geo_unrolled", ".step", ".stp",
                                                         ".brep", ".iges",         ".igs"};

// Gmsh is one global state: one session at a time, and nothing of the user's settings in it.
class Session {
 public:
  explicit Session(const std::vector<std::pair<std::string, double>>& parameters) : lock_(mutex()) {
    std::vector<std::string> words{"cotan"};
    for (const auto& [name, value] : parameters) {
      char digits[40];
      const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
      words.insert(words.end(), {"-setnumber", name, std::string(digits, end)});
    }
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    ::gmsh::initialize(int(arguments.size()), arguments.data(), false);
    ::gmsh::option::setNumber("General.Terminal", 0);
    ::gmsh::logger::start();
  }
  ~Session() {
    try {
      ::gmsh::logger::stop();
      ::gmsh::finalize();
    } catch (...) {  // nothing to be done about it here
    }
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// The log's lines that begin with a word ("Error", "Warning"), without it.
  std::vector<std::string> lines(const std::string& kind) const {
    std::vector<std::string> log, found;
    ::gmsh::logger::get(log);
    for (const std::string& line : log) {
      if (line.rfind(kind + ": ", 0) == 0) found.push_back(line.substr(kind.size() + 2));
    }
    return found;
  }

 private:
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }
  std::scoped_lock<std::mutex> lock_;
};

// A folder that goes away with what is in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "cotan-XXXXXX").string();
    COTAN_REQUIRE(mkdtemp(name.data()), name << ": no temporary folder can be made");
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

// Runs one step of Gmsh's; what it throws (a string up to 4.8, an exception later) or logs becomes an InputError.
template <class F>
void run(const Session& session, const std::filesystem::path& script, const char* step, F f) {
  std::string thrown;
  try {
    f();
  } catch (const std::exception& error) {
    thrown = error.what();
  } catch (const std::string& error) {
    thrown = error;
  } catch (...) {
    thrown = "failed";
  }
  auto errors = session.lines("Error");
  if (errors.empty() && thrown.empty()) return;
  if (errors.empty()) errors.push_back(thrown);
  throw InputError(script.string() + ": Gmsh, " + step + ": " + join(errors, "; "));
}

// A misspelt parameter would change nothing and be believed: its name has to stand in the script.
void check_parameters(const std::filesystem::path& script, const GmshOptions& options) {
  for (const auto& [name, value] : options.parameters) {
    COTAN_REQUIRE(!name.empty() && name[0] != '-', script.string() << ": '" << name << "' is no name of a parameter");
  }
  if (options.parameters.empty()) return;
  COTAN_REQUIRE(script.extension() == ".geo", script.string() << ": parameters, but no .geo script");
  const std::string text = read_file(script);
  if (text.find("Include") != std::string::npos || text.find("Merge") != std::string::npos) return;  // may stand there
  for (const auto& [name, value] : options.parameters) {
    COTAN_REQUIRE(text.find(name) != std::string::npos, script.string() << ": no parameter '" << name
                                                                        << "' in the script (DefineConstant[ " << name
                                                                        << " = … ])");
  }
}

void check_options(const std::filesystem::path& script, const GmshOptions& options) {
  const std::vector<std::string> extensions(kExtensions.begin(), kExtensions.end());
  const bool known = std::count(extensions.begin(), extensions.end(), script.extension().string()) > 0;
  COTAN_REQUIRE(known,
                script.string() << ": " << unknown_name("kind of geometry", script.extension().string(), extensions));
  COTAN_REQUIRE(std::filesystem::is_regular_file(script), script.string() << ": no such file");
  COTAN_REQUIRE(options.size >= 0 && options.size < 1e22,
                "size=" << options.size << " (out of range): element size [m]");
  COTAN_REQUIRE(options.dim >= 0 && options.dim <= 3, "dim=" << options.dim << ", expected 1, 2, 3 or 0 (the highest)");
  COTAN_REQUIRE(options.order == 1 || options.order == 2, "order=" << options.order << ", expected 1 or 2");
}

// Gmsh saves the elements of groups alone where there are groups: not the cells, if only borders have names.
void keep_cells(int dim, const std::filesystem::path& script, std::vector<std::string>* notes) {
  ::gmsh::vectorpair all, cells;
  ::gmsh::model::getPhysicalGroups(all);
  ::gmsh::model::getPhysicalGroups(cells, dim);
  if (all.empty() || !cells.empty()) return;
  ::gmsh::option::setNumber("Mesh.SaveAll", 1);
  if (notes)
    notes->push_back(script.string() + ": no physical group of dimension " + std::to_string(dim) + ", all cells kept");
}

}  // namespace

MeshData mesh_with_gmsh(const std::filesystem::path& script, const GmshOptions& options,
                        std::vector<std::string>* notes) {
  check_options(script, options);
  check_parameters(script, options);
  const TemporaryFolder folder;
  const auto file = folder.path() / "mesh.msh";
  {
    const Session session(options.parameters);
    run(session, script, "reading", [&] { ::gmsh::open(script.string()); });
    const int there = ::gmsh::model::getDimension();
    COTAN_REQUIRE(there >= 1, script.string() << ": no curves, surfaces or volumes to mesh");
    COTAN_REQUIRE(options.dim <= there,
                  script.string() << ": a mesh of dimension " << options.dim << " asked for, the model has " << there);
    const int dim = options.dim > 0 ? options.dim : there;
    if (options.size > 0) ::gmsh::option::setNumber("Mesh.MeshSizeMax", options.size);
    run(session, script, "meshing", [&] { ::gmsh::model::mesh::generate(dim); });
    if (options.order == 2) run(session, script, "second order", [&] { ::gmsh::model::mesh::setOrder(2); });
    keep_cells(dim, script, notes);
    ::gmsh::option::setNumber("Mesh.MshFileVersion", 4.1);
    ::gmsh::option::setNumber("Mesh.Binary", 1);
    run(session, script, "writing", [&] { ::gmsh::write(file.string()); });
    if (notes) {
      for (const auto& warning : session.lines("Warning")) notes->push_back(script.string() + ": Gmsh: " + warning);
    }
  }
  try {
    MshContent content = read_msh(file);
    if (notes) notes->insert(notes->end(), content.notes.begin(), content.notes.end());
    return std::move(content.mesh);
  } catch (const InputError& error) {  // the temporary file means nothing to the user
    throw InputError(script.string() + ": Gmsh's mesh: " + error.what());
  }
}

bool have_gmsh() {
  return true;
}

}  // namespace cotan
