#include "integrators/tableaux.h"

namespace cotan {
namespace {

constexpr double kEulerB[] = {1};
constexpr double kEulerC[] = {0};

constexpr double kHeunA[] = {1};
constexpr double kHeunB[] = {0.5, 0.5};
constexpr double kHeunC[] = {0, 1};
constexpr double kHeunLow[] = {1, 0};  // Euler's

constexpr double kMidpointA[] = {0.5};
constexpr double kMidpointB[] = {0, 1};
constexpr double kMidpointC[] = {0, 0.5};

// clang-format off
constexpr double kBogackiShampineA[] = {
    1. / 2,
    0,      3. / 4,
    2. / 9, 1. / 3, 4. / 9};
constexpr double kBogackiShampineB[] = {2. / 9, 1. / 3, 4. / 9, 0};
constexpr double kBogackiShampineC[] = {0, 1. / 2, 3. / 4, 1};
constexpr double kBogackiShampineLow[] = {7. / 24, 1. / 4, 1. / 3, 1. / 8};

constexpr double kRk4A[] = {
    1. / 2,
    0,      1. / 2,
    0,      0,      1};
constexpr double kRk4B[] = {1. / 6, 1. / 3, 1. / 3, 1. / 6};
constexpr double kRk4C[] = {0, 1. / 2, 1. / 2, 1};

constexpr double kDormandPrinceA[] = {
    1. / 5,
    3. / 40,       9. / 40,
    44. / 45,      -56. / 15,      32. / 9,
    19372. / 6561, -25360. / 2187, 64448. / 6561, -212. / 729,
    9017. / 3168,  -355. / 33,     46732. / 5247, 49. / 176,  -5103. / 18656,
    35. / 384,     0,              500. / 1113,   125. / 192, -2187. / 6784,  11. / 84};
constexpr double kDormandPrinceB[] = {35. / 384, 0, 500. / 1113, 125. / 192, -2187. / 6784, 11. / 84, 0};
constexpr double kDormandPrinceC[] = {0, 1. / 5, 3. / 10, 4. / 5, 8. / 9, 1, 1};
constexpr double kDormandPrinceLow[] = {5179. / 57600,    0,            7571. / 16695, 393. / 640,
                                        -92097. / 339200, 187. / 2100,  1. / 40};
// clang-format on

constexpr Tableau kTableaux[] = {
    {"euler", "forward Euler", "euler1768", 1, 1, {}, kEulerB, kEulerC, {}},
    {"heun", "Heun's method (explicit trapezoidal rule), with Euler's for the error", "heun1900", 2, 2, kHeunA, kHeunB,
     kHeunC, kHeunLow},
    {"midpoint", "explicit midpoint rule", "runge1895", 2, 2, kMidpointA, kMidpointB, kMidpointC, {}},
    {"bogacki_shampine", "Bogacki and Shampine's pair 3(2)", "bogacki1989", 3, 4, kBogackiShampineA, kBogackiShampineB,
     kBogackiShampineC, kBogackiShampineLow},
    {"rk4", "the classical method of Runge and Kutta", "kutta1901", 4, 4, kRk4A, kRk4B, kRk4C, {}},
    {"dormand_prince", "Dormand and Prince's pair 5(4)", "dormand1980", 5, 7, kDormandPrinceA, kDormandPrinceB,
     kDormandPrinceC, kDormandPrinceLow},
};

}  // namespace

std::span<const Tableau> tableaux() {
  return kTableaux;
}

}  // namespace cotan
