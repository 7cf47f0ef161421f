#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace cotan {

/// A text that grows before a fixed last part, as a list in XML. Under its name stands a whole text at any moment, a
/// kill included, and an append costs what it adds, not what is there: there are two copies, the one aside is brought
/// up to date, and the two exchange their names. (Where the file system cannot do that, an append writes the whole text
/// aside and renames it.) Not flushed to disk. A killed run leaves the copy aside, which the next one of that name
/// takes.
class GrowingFile {
 public:
  GrowingFile(std::filesystem::path target, std::string head, std::string tail);
  ~GrowingFile();
  GrowingFile(const GrowingFile&) = delete;
  GrowingFile& operator=(const GrowingFile&) = delete;
  /// The first replaces what stood under the name. \throw InputError naming the target and the system's reason; what
  /// stood there before then stays
  void append(std::string_view text);

 private:
  /// A file that we have written: how much of the text it has, before its tail.
  struct Copy {
    std::uint64_t inode = 0;  ///< 0: none
    std::size_t size = 0;
  };
  Copy bring_up_to_date(const std::filesystem::path& aside) const;
  void put_in_place(const std::filesystem::path& aside, const std::filesystem::path& target, Copy fresh);

  std::filesystem::path target_;
  std::string text_, tail_;
  Copy listed_, aside_;  ///< under the name, and beside it
};

}  // namespace cotan
