#include "apps/draw/picture.h"

#include <cmath>

namespace cotan {
namespace {

using Vector = std::array<double, 3>;

double dot(const Vector& a, const Vector& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
Vector cross(const Vector& a, const Vector& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}
Vector unit(const Vector& a) {
  const double length = std::sqrt(dot(a, a));
  return {a[0] / length, a[1] / length, a[2] / length};
}

}  // namespace

Sight sight_of(const PictureLook& look) {
  Sight sight;
  sight.from = unit(look.from);
  const Vector right = unit(cross(look.up, sight.from));
  sight.up = cross(sight.from, right);
  Vector size{};
  for (std::size_t k = 0; k < 3; ++k) {
    sight.centre[k] = (look.low[k] + look.high[k]) / 2;
    size[k] = look.high[k] - look.low[k];
  }
  const auto extent = [&](const Vector& along) {
    return std::abs(along[0]) * size[0] + std::abs(along[1]) * size[1] + std::abs(along[2]) * size[2];
  };
  sight.width = extent(right);
  sight.height = extent(sight.up);
  sight.depth = extent(sight.from);
  return sight;
}

}  // namespace cotan
