#include "io/gmsh.h"

#include <fcntl.h>
#include <gmsh.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "core/check.h"
#include "core/files.h"
#include "io/gmsh_sizes.h"
#include "io/msh.h"

namespace cotan {
namespace {

// Gmsh is global state that outlives gmsh::finalize: script variables, the rest of a script behind a syntax error, open
// files; and a script's Exit ends the process. So each mesh is made in a child process: none of it reaches us, and
// calls from several threads need no lock. Only mesh_in_child() and what it calls touch Gmsh.

constexpr std::array kExtensions = {".geo", ".geo_unrolled", ".step", ".stp", ".brep", ".iges", ".igs"};

// A folder that goes away with what is in it.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::error_code error;
    const auto parent = std::filesystem::temp_directory_path(error);
    COTAN_REQUIRE(!error, "no temporary folder: TMPDIR names none (" << error.message() << ")");
    std::string name = (parent / "cotan-XXXXXX").string();
    COTAN_REQUIRE(mkdtemp(name.data()), name << ": no temporary folder can be made: " << std::strerror(errno));
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::filesystem::path mesh() const { return path_ / "mesh.msh"; }
  std::filesystem::path notes() const { return path_ / "notes"; }  // a line each
  std::filesystem::path error() const { return path_ / "error"; }

 private:
  std::filesystem::path path_;
};

class Session {
 public:
  explicit Session(const std::vector<std::pair<std::string, double>>& parameters) {
    std::vector<std::string> words{"cotan"};
    for (const auto& [name, value] : parameters) {
      char digits[40];
      words.insert(words.end(),
                   {"-setnumber", name, {digits, std::to_chars(digits, digits + sizeof digits, value).ptr}});
    }
    std::vector<char*> arguments;
    for (auto& word : words) arguments.push_back(word.data());
    gmsh::initialize(int(arguments.size()), arguments.data(), false);  // no settings of the user
    gmsh::option::setNumber("General.Terminal", 0);
    gmsh::logger::start();
  }
  ~Session() {
    try {
      gmsh::finalize();
    } catch (...) {  // nothing to be done about it here
    }
  }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// The log's lines that begin with a word ("Error", "Warning"), without it.
  std::vector<std::string> lines(const std::string& kind) const {
    std::vector<std::string> log, found;
    gmsh::logger::get(log);
    for (const std::string& line : log) {
      if (line.rfind(kind + ": ", 0) == 0) found.push_back(line.substr(kind.size() + 2));
    }
    return found;
  }
};

// Runs one step of Gmsh's; what it throws (a string up to 4.8, an exception later) or logs becomes an InputError.
template <class F>
void run(const Session& session, const char* step, F f) {
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
  throw InputError(std::string("Gmsh, ") + step + ": " + join(errors, "; "));
}

// Gmsh saves the elements of groups alone where there are groups: not the cells, if only borders have names.
void keep_cells(int dim, std::vector<std::string>& notes) {
  gmsh::vectorpair all, cells;
  gmsh::model::getPhysicalGroups(all);
  gmsh::model::getPhysicalGroups(cells, dim);
  if (all.empty() || !cells.empty()) return;
  gmsh::option::setNumber("Mesh.SaveAll", 1);
  notes.push_back("no physical group of dimension " + std::to_string(dim) + ", all cells kept");
}

std::vector<std::string> make_mesh(const std::filesystem::path& script, const GmshOptions& options,
                                   const std::filesystem::path& file) {
  std::vector<std::string> notes;
  const Session session(options.parameters);
  run(session, "reading", [&] { gmsh::open(script.string()); });
  const int there = gmsh::model::getDimension();
  COTAN_REQUIRE(there >= 1, "no curves, surfaces or volumes to mesh");
  COTAN_REQUIRE(options.dim <= there, "a mesh of dimension " << options.dim << " asked for, the model has " << there);
  const int dim = options.dim > 0 ? options.dim : there;
  if (options.size > 0) gmsh::option::setNumber("Mesh.MeshSizeMax", options.size);
  run(session, "sizes", [&] { apply_gmsh_sizes(options, dim); });
  run(session, "meshing", [&] { gmsh::model::mesh::generate(dim); });
  if (options.order == 2) run(session, "second order", [&] { gmsh::model::mesh::setOrder(2); });
  keep_cells(dim, notes);
  gmsh::option::setNumber("Mesh.MshFileVersion", 4.1);
  gmsh::option::setNumber("Mesh.Binary", 1);
  run(session, "writing", [&] { gmsh::write(file.string()); });
  for (const auto& warning : session.lines("Warning")) {
    // Debian's build has no ANN, says so for each periodic curve, and matches its points by the transformation
    if (warning.find("ANN support") == std::string::npos) notes.push_back("Gmsh: " + warning);
  }
  return notes;
}

// In the child: leaves mesh and notes, or the error, in the folder. Ends without the parent's destructors.
[[noreturn]] void mesh_in_child(const std::filesystem::path& script, const GmshOptions& options,
                                const TemporaryFolder& folder) {
  const int nowhere = open("/dev/null", O_WRONLY);
  if (nowhere >= 0) dup2(nowhere, STDOUT_FILENO);  // OpenCASCADE prints there
  try {
    const auto notes = make_mesh(script, options, folder.mesh());
    write_file(folder.notes(), notes.empty() ? "" : join(notes, "\n"));
    _exit(0);
  } catch (const std::exception& error) {
    try {
      write_file(folder.error(), error.what());
    } catch (...) {
    }
    _exit(2);
  } catch (...) {  // OpenCASCADE's own kinds
    _exit(2);
  }
}

void run_child(const std::filesystem::path& script, const GmshOptions& options, const TemporaryFolder& folder) {
  std::fflush(nullptr);  // or the child would write it again
  const pid_t child = fork();
  COTAN_REQUIRE(child >= 0, script.string() << ": no process for Gmsh: " << std::strerror(errno));
  if (child == 0) mesh_in_child(script, options, folder);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (std::filesystem::exists(folder.error())) throw InputError(script.string() + ": " + read_file(folder.error()));
  COTAN_REQUIRE(!WIFSIGNALED(status), script.string() << ": Gmsh fell (" << strsignal(WTERMSIG(status)) << ")");
  COTAN_REQUIRE(std::filesystem::exists(folder.notes()), script.string()
                                                             << ": Gmsh ended before there was a mesh (Exit)");
}

bool has_word(std::string_view text, std::string_view word) {
  const auto is_part = [](char c) { return c == '_' || std::isalnum(static_cast<unsigned char>(c)); };
  for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    if ((at == 0 || !is_part(text[at - 1])) && (end == text.size() || !is_part(text[end]))) return true;
  }
  return false;
}

// A misspelt parameter would change nothing and be believed: its name has to stand in the script.
void check_parameters(const std::filesystem::path& script, const GmshOptions& options) {
  if (options.parameters.empty()) return;
  COTAN_REQUIRE(lower_extension(script) == ".geo", script.string() << ": parameters, but no .geo script");
  const std::string text = read_file(script);
  const bool is_whole = text.find("Include") == std::string::npos && text.find("Merge") == std::string::npos;
  for (const auto& [name, value] : options.parameters) {
    COTAN_REQUIRE(!name.empty() && std::isalpha(static_cast<unsigned char>(name[0])) && std::isfinite(value),
                  script.string() << ": '" << name << "' = " << value << ", expected a name and a number");
    COTAN_REQUIRE(!is_whole || has_word(text, name), script.string()
                                                         << ": no parameter '" << name
                                                         << "' in the script (DefineConstant[ " << name << " = … ])");
  }
}

void check_options(const std::filesystem::path& script, const GmshOptions& options) {
  const std::vector<std::string> extensions(kExtensions.begin(), kExtensions.end());
  const std::string extension = lower_extension(script);
  COTAN_REQUIRE(std::count(extensions.begin(), extensions.end(), extension) > 0,
                script.string() << ": " << unknown_name("kind of geometry", extension, extensions));
  require_readable(script);
  COTAN_REQUIRE(std::filesystem::is_regular_file(script), script.string() << ": not a file");
  COTAN_REQUIRE(options.size >= 0 && options.size < 1e22,
                "size=" << options.size << " (out of range): element size [m]");
  COTAN_REQUIRE(options.dim >= 0 && options.dim <= 3, "dim=" << options.dim << ", expected 1, 2, 3 or 0 (the highest)");
  COTAN_REQUIRE(options.order == 1 || options.order == 2, "order=" << options.order << ", expected 1 or 2");
}

}  // namespace

MeshData mesh_with_gmsh(const std::filesystem::path& script, const GmshOptions& options,
                        std::vector<std::string>* notes) {
  check_options(script, options);
  check_parameters(script, options);
  const TemporaryFolder folder;
  run_child(script, options, folder);
  if (notes) {
    std::istringstream lines(read_file(folder.notes()));
    for (std::string line; std::getline(lines, line);) notes->push_back(script.string() + ": " + line);
  }
  try {
    MeshContent content = read_msh(folder.mesh());
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
