#include "integrators/tableaux.h"

#include <algorithm>
#include <limits>

namespace cotan {
namespace {

constexpr double kEulerB[] = {1};
constexpr double kEulerC[] = {0};

constexpr double kHeunA[] = {1};
constexpr double kHeunB[] = {0.5, 0.5};
constexpr double kHeunC[] = {0, 1};
constexpr double kHeunLow[] = {1, 0};  // Euler's

constexpr double kSspA[] = {1, 0.25, 0.25};
constexpr double kSspB[] = {1. / 6, 1. / 6, 2. / 3};
constexpr double kSspC[] = {0, 1, 0.5};

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
constexpr double kDormandPrinceDense[] = {
    1, -8048581381. / 2820520608,  8663915743. / 2820520608,     -12715105075. / 11282082432,
    0, 0,                          0,                            0,
    0, 131558114200. / 32700410799, -68118460800. / 10900136933, 87487479700. / 32700410799,
    0, -1754552775. / 470086768,   14199869525. / 1410260304,    -10690763975. / 1880347072,
    0, 127303824393. / 49829197408, -318862633887. / 49829197408, 701980252875. / 199316789632,
    0, -282668133. / 205662961,    2019193451. / 616988883,      -1453857185. / 822651844,
    0, 40617522. / 29380423,       -110615467. / 29380423,       69997945. / 29380423};

constexpr double kTsitourasA[] = {
    0.161,
    -0.008480655492356989, 0.335480655492357,
    2.8971530571054935,    -6.359448489975075,  4.3622954328695815,
    5.325864828439257,     -11.748883564062828, 7.4955393428898365, -0.09249506636175525,
    5.86145544294642,      -12.92096931784711,  8.159367898576159,  -0.071584973281401,  -0.028269050394068383,
    0.09646076681806523,   0.01,                0.4798896504144996, 1.379008574103742,   -3.290069515436081, 2.324710524099774};
constexpr double kTsitourasB[] = {0.09646076681806523, 0.01, 0.4798896504144996, 1.379008574103742,
                                  -3.290069515436081,  2.324710524099774, 0};
constexpr double kTsitourasC[] = {0, 0.161, 0.327, 0.9, 0.9800255409045097, 1, 1};
constexpr double kTsitourasLow[] = {0.09646076681806523 + 0.00178001105222577714,
                                    0.01 + 0.0008164344596567469,
                                    0.4798896504144996 - 0.007880878010261995,
                                    1.379008574103742 + 0.1447110071732629,
                                    -3.290069515436081 - 0.5823571654525552,
                                    2.324710524099774 + 0.45808210592918697,
                                    -0.015151515151515152};
constexpr double kTsitourasDense[] = {  // the products of the paper, multiplied out
    1, -2.7637061972748258, 2.9132554618219126,  -1.0530884977290216,
    0, 0.1317,              -0.2234,             0.1017,
    0, 3.9302962368947512,  -5.9410338721315048, 2.4906272856512528,
    0, -12.411077166933676, 30.338188630282318,  -16.548102889244902,
    0, 37.509313416511041,  -88.178904894766404, 47.379521962819283,
    0, -27.896526289197286, 65.091894674793679,  -34.870657861496611,
    0, 1.5,                 -4,                  2.5};
// clang-format on

// Implicit ones: the strictly lower triangle, and the diagonal apart.
constexpr double kOne[] = {1}, kHalf[] = {0.5};
constexpr double kTrapezoidalA[] = {0.5}, kTrapezoidalB[] = {0.5, 0.5}, kTrapezoidalC[] = {0, 1},
                 kTrapezoidalDiagonal[] = {0, 0.5};

constexpr double kGamma2 = 0.29289321881345254;  // 1 - 1 / sqrt 2
constexpr double kSdirk2A[] = {1 - kGamma2};
constexpr double kSdirk2B[] = {1 - kGamma2, kGamma2};
constexpr double kSdirk2C[] = {kGamma2, 1};
constexpr double kSdirk2Diagonal[] = {kGamma2, kGamma2};
// The embedded weights of first order that leave half of what is infinitely stiff.
constexpr double kSdirk2Low[] = {1 - kGamma2 / 2, kGamma2 / 2};

// clang-format off
constexpr double kSdirk4A[] = {
    1. / 2,
    17. / 50,     -1. / 25,
    371. / 1360,  -137. / 2720, 15. / 544,
    25. / 24,     -49. / 48,    125. / 16, -85. / 12};
constexpr double kSdirk4B[] = {25. / 24, -49. / 48, 125. / 16, -85. / 12, 1. / 4};
constexpr double kSdirk4C[] = {1. / 4, 3. / 4, 11. / 20, 1. / 2, 1};
constexpr double kSdirk4Diagonal[] = {1. / 4, 1. / 4, 1. / 4, 1. / 4, 1. / 4};
constexpr double kSdirk4Low[] = {59. / 48, -17. / 96, 225. / 32, -85. / 12, 0};
// clang-format on

constexpr double kAlways = std::numeric_limits<double>::infinity();

constexpr Tableau kTableaux[] = {
    {.name = "euler",
     .about = "forward Euler",
     .cite = "euler1768",
     .order = 1,
     .stages = 1,
     .a = {},
     .b = kEulerB,
     .c = kEulerC,
     .b_low = {},
     .stable_to = 2},
    {.name = "heun",
     .about = "Heun's method (explicit trapezoidal rule), with Euler's for the error",
     .cite = "heun1900",
     .order = 2,
     .stages = 2,
     .a = kHeunA,
     .b = kHeunB,
     .c = kHeunC,
     .b_low = kHeunLow,
     .stable_to = 2},
    {.name = "ssprk3",
     .about = "Shu and Osher's strong-stability-preserving method of three stages",
     .cite = "shu1988",
     .order = 3,
     .stages = 3,
     .a = kSspA,
     .b = kSspB,
     .c = kSspC,
     .b_low = {},
     .stable_to = 2.5127},
    {.name = "midpoint",
     .about = "explicit midpoint rule",
     .cite = "runge1895",
     .order = 2,
     .stages = 2,
     .a = kMidpointA,
     .b = kMidpointB,
     .c = kMidpointC,
     .b_low = {},
     .stable_to = 2},
    {.name = "bogacki_shampine",
     .about = "Bogacki and Shampine's pair 3(2)",
     .cite = "bogacki1989",
     .order = 3,
     .stages = 4,
     .a = kBogackiShampineA,
     .b = kBogackiShampineB,
     .c = kBogackiShampineC,
     .b_low = kBogackiShampineLow,
     .stable_to = 2.5127},
    {.name = "rk4",
     .about = "the classical method of Runge and Kutta",
     .cite = "kutta1901",
     .order = 4,
     .stages = 4,
     .a = kRk4A,
     .b = kRk4B,
     .c = kRk4C,
     .b_low = {},
     .stable_to = 2.7853},
    {.name = "dormand_prince",
     .about = "Dormand and Prince's pair 5(4)",
     .cite = "dormand1980",
     .order = 5,
     .stages = 7,
     .a = kDormandPrinceA,
     .b = kDormandPrinceB,
     .c = kDormandPrinceC,
     .b_low = kDormandPrinceLow,
     .dense = kDormandPrinceDense,
     .dense_order = 4,
     .stable_to = 3.3066},
    {.name = "tsitouras",
     .about = "Tsitouras's pair 5(4)",
     .cite = "tsitouras2011",
     .order = 5,
     .stages = 7,
     .a = kTsitourasA,
     .b = kTsitourasB,
     .c = kTsitourasC,
     .b_low = kTsitourasLow,
     .dense = kTsitourasDense,
     .dense_order = 4,
     .stable_to = 3.5068},
    {.name = "backward_euler",
     .about = "backward Euler",
     .cite = "hairer1996",
     .order = 1,
     .stages = 1,
     .a = {},
     .b = kOne,
     .c = kOne,
     .b_low = {},
     .diagonal = kOne,
     .stable_to = kAlways,
     .damps = true},
    {.name = "crank_nicolson",
     .about = "Crank and Nicolson's method (implicit trapezoidal rule)",
     .cite = "crank1947",
     .order = 2,
     .stages = 2,
     .a = kTrapezoidalA,
     .b = kTrapezoidalB,
     .c = kTrapezoidalC,
     .b_low = {},
     .diagonal = kTrapezoidalDiagonal,
     .stable_to = kAlways},
    {.name = "implicit_midpoint",
     .about = "implicit midpoint rule: symplectic, keeps quadratic invariants",
     .cite = "hairer2006",
     .order = 2,
     .stages = 1,
     .a = {},
     .b = kOne,
     .c = kHalf,
     .b_low = {},
     .diagonal = kHalf,
     .stable_to = kAlways,
     .to_round_off = true},
    {.name = "sdirk2",
     .about = "Alexander's singly diagonally implicit method of two stages",
     .cite = "alexander1977",
     .order = 2,
     .stages = 2,
     .a = kSdirk2A,
     .b = kSdirk2B,
     .c = kSdirk2C,
     .b_low = kSdirk2Low,
     .diagonal = kSdirk2Diagonal,
     .stable_to = kAlways,
     .damps = true},
    {.name = "sdirk4",
     .about = "Hairer and Wanner's singly diagonally implicit pair 4(3)",
     .cite = "hairer1996",
     .order = 4,
     .stages = 5,
     .a = kSdirk4A,
     .b = kSdirk4B,
     .c = kSdirk4C,
     .b_low = kSdirk4Low,
     .diagonal = kSdirk4Diagonal,
     .stable_to = kAlways,
     .damps = true},
};

}  // namespace

bool Tableau::stiffly_accurate() const {
  if (!implicit() || c[stages - 1] != 1 || diagonal[stages - 1] != b[stages - 1]) return false;
  return std::ranges::equal(a.last(stages - 1), b.first(stages - 1));
}

bool Tableau::first_same_as_last() const {
  if (implicit()) return stiffly_accurate();
  if (stages < 2 || c[0] != 0 || c[stages - 1] != 1 || b[stages - 1] != 0) return false;
  return std::ranges::equal(a.last(stages - 1), b.first(stages - 1));
}

std::span<const Tableau> tableaux() {
  return kTableaux;
}

}  // namespace cotan
