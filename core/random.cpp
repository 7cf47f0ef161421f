#include "core/random.h"

#include <cmath>
#include <numbers>

#include "core/check.h"

namespace cotan {
namespace {

using Words = std::array<std::uint32_t, 4>;

constexpr std::uint32_t low(std::uint64_t x) {
  return static_cast<std::uint32_t>(x);
}
constexpr std::uint32_t high(std::uint64_t x) {
  return static_cast<std::uint32_t>(x >> 32);
}
constexpr std::uint64_t join_words(std::uint32_t lower, std::uint32_t upper) {
  return std::uint64_t(upper) << 32 | lower;
}

// The 53 upper bits as a multiple of 2^-53.
double unit(std::uint64_t bits) {
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

}  // namespace

std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t left = 0xD2511F53ull * counter[0];
    const std::uint64_t right = 0xCD9E8D57ull * counter[2];
    counter = {high(right) ^ counter[1] ^ key[0], low(right), high(left) ^ counter[3] ^ key[1], low(left)};
    key[0] += 0x9E3779B9u;
    key[1] += 0xBB67AE85u;
  }
  return counter;
}

// Key and purpose are hashed to 128 bits by the generator itself: half of them is the key of the stream, half its
// counter's upper part. Philox is one-to-one in the counter, so (a, b) of one seed never meet before the purpose.
Random::Random(std::uint64_t seed, std::uint32_t stream_purpose, std::uint64_t a, std::uint64_t b) {
  const std::array<std::uint32_t, 2> seed_key{low(seed), high(seed)};
  Words hash = philox({low(a), high(a), low(b), high(b)}, seed_key);
  hash[0] ^= stream_purpose;
  hash = philox(hash, seed_key);
  key_ = {hash[0], hash[1]};
  high_ = {hash[2], hash[3]};
}

std::uint64_t Random::bits(std::uint64_t index) const {
  const Words words = philox({low(index), high(index), high_[0], high_[1]}, key_);
  return join_words(words[0], words[1]);
}

double Random::uniform(std::uint64_t index) const {
  return unit(bits(index));
}

double Random::normal(std::uint64_t index) const {
  const Words words = philox({low(index), high(index), high_[0], high_[1]}, key_);
  const double radius = 1.0 - unit(join_words(words[0], words[1]));  // in (0, 1]: its logarithm is finite
  const double angle = unit(join_words(words[2], words[3]));
  return std::sqrt(-2.0 * std::log(radius)) * std::cos(2.0 * std::numbers::pi * angle);
}

std::uint64_t Random::below(std::uint64_t n, std::uint64_t index) const {
  COTAN_ASSERT(n > 0);
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>(Wide(bits(index)) * n >> 64);
}

}  // namespace cotan
