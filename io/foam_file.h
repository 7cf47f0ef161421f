#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/types.h"

namespace cotan {

/// One file of an OpenFOAM case, whole in memory: its header, then words, numbers and lists, in text or in binary as
/// the header says. Macros ($name) and directives (#include, #calc) are not followed; a value that is one is refused.
class FoamFile {
 public:
  /// \throw InputError: unreadable, packed beyond bounds (io/gzip.h), and as below
  static FoamFile open(const std::filesystem::path& path);
  /// \param name what messages call it
  /// \throw InputError: no header, or big-endian, or numbers of another size than 32 and 64 bits
  FoamFile(std::string bytes, std::string name);

  const std::string& name() const { return name_; }
  const std::string& class_name() const { return class_; }  ///< "volScalarField"

  /// The next character but for blanks and comments; 0 at the end of the file. It stays to be read.
  char peek();
  /// Whether that is the next character; then it is taken.
  bool take(char c);
  void expect(char c, std::string_view what);
  /// A word, or a text in quotes. \throw InputError: anything else
  std::string word(std::string_view what);
  std::int64_t integer(std::string_view what);
  double scalar(std::string_view what);

  /// How many things a list has, up to `most`. \param least the fewest bytes of one, in text
  /// \throw InputError: more than the rest of the file can hold
  std::size_t list_size(std::uint64_t least, std::uint64_t most, std::string_view what);
  /// A list of whole numbers that are -1 or more, as many as there are up to `most`. \param may_repeat whether
  /// `n{value}`, one for all, may stand for more than one: a few bytes ask for `most` numbers then
  std::vector<Index> labels(std::uint64_t most, std::string_view what, bool may_repeat = false);
  /// Past a list of truth values, up to `most` of them.
  void skip_flags(std::uint64_t most, std::string_view what);
  /// A list of (rows, components) numbers. \param rows how many; nothing: as many as there are
  std::vector<double> scalars(int components, std::optional<std::uint64_t> rows, std::string_view what);
  /// One value, (x y z) or just x: (components).
  std::vector<double> value(int components, std::string_view what);
  /// To behind an entry's value: a block, or all up to its semicolon. \pre the value is text
  void skip_value();
  /// Where a directive (#include "…") stands at the place of an entry, it is left out; whether one did.
  bool skip_directive();

  std::string where() const;  ///< "points:12"
  [[noreturn]] void fail(const std::string& what) const;

 private:
  void read_header();
  void read_arch(const std::string& arch);
  std::uint64_t remaining() const { return bytes_.size() - at_; }
  void skip_blank();
  [[noreturn]] void fail_found(std::string_view expected);
  template <class T>
  T number(std::string_view what);
  template <class T>
  T raw();
  std::size_t checked(std::uint64_t count, std::uint64_t least, std::uint64_t most, std::string_view what) const;
  std::size_t declared_count(std::uint64_t most, std::string_view what);
  std::string end_of(std::size_t count, std::string_view what, int bytes) const;
  Index label(std::string_view what);

  std::string bytes_, name_, class_;
  std::size_t at_ = 0;
  bool binary_ = false;
  int label_bytes_ = 4, scalar_bytes_ = 8;  // of binary lists
};

/// The files of a folder by their names; nothing where there is none of that name.
using FoamFolder = std::function<std::optional<FoamFile>(const std::string& name)>;
/// That of a folder on disk: NAME, or NAME.gz.
FoamFolder foam_folder(const std::filesystem::path& folder);
/// The file NAME or NAME.gz of a folder; empty where there is neither.
std::filesystem::path foam_path(const std::filesystem::path& folder, const std::string& name);

}  // namespace cotan
