#pragma once
#include <array>
#include <cstdint>

namespace cotan {

/// Counter-based random numbers (Philox 4x32-10, \cite salmon2011): a pure function of key and counter, so a
/// draw does not depend on how many were made before it, on threads, ranks or a resume.
/// A key is (seed, purpose, a, b), say (seed, "noise", epoch, sample); the index walks within it.
/// One index gives one draw: uniform(i), normal(i) and below(n, i) come from the same bits.
class Random {
 public:
  Random(std::uint64_t seed, std::uint32_t purpose, std::uint64_t a = 0, std::uint64_t b = 0);
  double uniform(std::uint64_t index) const;  ///< in [0, 1), 53 bits
  double normal(std::uint64_t index) const;   ///< mean 0, variance 1 (Box-Muller)
  std::uint64_t bits(std::uint64_t index) const;
  /// In [0, n), each to within 2^-64 of 1/n (a multiplication, no rejected draws). \pre n > 0
  std::uint64_t below(std::uint64_t n, std::uint64_t index) const;

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 2> high_;  // the upper half of the counter
};

/// The four words of Philox 4x32-10.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

/// What a stream of numbers is for; part of the key, so that two purposes never share numbers. Fixed numbers.
namespace purpose {
inline constexpr std::uint32_t weights = 1, noise = 2, shuffle = 3, parameters = 4, initial = 5, mesh = 6, test = 7,
                               augmentation = 8, wiener = 9, regularisation = 10;
}

}  // namespace cotan
