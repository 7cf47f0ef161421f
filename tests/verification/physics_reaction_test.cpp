// Systems of reaction, diffusion and convection against what is known: orders of convergence with all kinds of sides,
// exact solutions, pseudo-spectral ones, and what must be kept.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "mesh/generate.h"
#include "physics/reaction_diffusion.h"
#include "tests/physics/case_support.h"
#include "tests/verification/spectral.h"

namespace cotan {
namespace {

using test::input_from;

ProblemSetup set_up(const Mesh& mesh, const std::string& yaml) {
  return set_up_problem(input_from(mesh, yaml));
}

// All fields after `steps` steps.
Fields run(const ProblemSetup& setup, double dt, int steps) {
  State state = setup.system.lift(std::vector{setup.initial});
  for (int k = 0; k < steps; ++k) state = setup.system.step(k * dt, dt, state);
  return setup.system.view(state);
}

std::vector<double> component(const Fields& fields, const std::string& name, int k = 0) {
  const at::Tensor u = fields[name].select(1, k).contiguous();
  return {u.data_ptr<double>(), u.data_ptr<double>() + u.numel()};
}

std::string replaced(std::string text, const std::map<std::string, std::string>& names) {
  for (const auto& [name, value] : names) {
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size() + 2)) {
      text.replace(at, name.size(), "(" + value + ")");
    }
  }
  return text;
}

// Two fields that react with each other and carry both; a capacity and a diffusivity that vary; Dirichlet, Neumann and
// Robin sides, all moving in time. The sources follow from the equations.
std::string manufactured(const std::map<std::string, std::string>& exact) {
  const std::string text = R"yaml(
mesh: none
problem: reaction_diffusion
options:
  fields:
    u: {diffusivity: "0.1 + 0.05*x", capacity: "1.5 + y", reaction: "-u*v"}
    v: {diffusivity: "0.2", reaction: "u^2 - v"}
  velocity: ["0.5 + 0.2*v", "-0.3*u"]
  source:
    u: "(1.5 + y)*UT + (0.5 + 0.2*VV)*UX - 0.3*UU*UY - (0.1 + 0.05*x)*ULAP - 0.05*UX + UU*VV"
    v: "VT + (0.5 + 0.2*VV)*VX - 0.3*UU*VY - 0.2*VLAP - UU^2 + VV"
initial: {u: "UU", v: "VV"}
boundary:
  right: {u_robin_coefficient: "2 + y", u_robin_ambient: "UU + (0.1 + 0.05*x)*UX/(2 + y)", v: "VV"}
  top: {u_flux: "(0.1 + 0.05*x)*UY", v_flux: "0.2*VY"}
  left: {u: "UU", v_flux: "-0.2*VX"}
  bottom: {u: "UU", v: "VV"}
)yaml";
  return replaced(text, exact);
}

const std::map<std::string, std::string> kWaves = {{"UU", "cos(t)*sin(2*x + 0.3)*cos(2*y - 0.2)"},
                                                   {"UT", "-sin(t)*sin(2*x + 0.3)*cos(2*y - 0.2)"},
                                                   {"UX", "2*cos(t)*cos(2*x + 0.3)*cos(2*y - 0.2)"},
                                                   {"UY", "-2*cos(t)*sin(2*x + 0.3)*sin(2*y - 0.2)"},
                                                   {"ULAP", "-8*cos(t)*sin(2*x + 0.3)*cos(2*y - 0.2)"},
                                                   {"VV", "1 + 0.5*sin(2*t)*cos(2*x - y)"},
                                                   {"VT", "cos(2*t)*cos(2*x - y)"},
                                                   {"VX", "-sin(2*t)*sin(2*x - y)"},
                                                   {"VY", "0.5*sin(2*t)*sin(2*x - y)"},
                                                   {"VLAP", "-2.5*sin(2*t)*cos(2*x - y)"}};

TEST(Reaction, IsOfSecondOrderInSpaceAndTime) {
  const std::string text = manufactured(kWaves);
  const std::vector<std::pair<const char*, std::function<Mesh(int)>>> families = {
      {"triangles", [](int n) { return jiggled(rectangle(n, n), 0.15, 3); }},
      {"mixed", [](int n) { return jiggled(mixed_rectangle(n, n), 0.15, 3); }}};
  for (const auto& [name, family] : families) {
    std::map<std::string, std::vector<double>> errors;
    for (const int n : {8, 16, 32}) {
      const Mesh mesh = family(n);
      const Fields end = run(set_up(mesh, text), 0.5 / n, n);
      errors["u"].push_back(test::l2_error(mesh, component(end, "u"), kWaves.at("UU"), 0.5));
      errors["v"].push_back(test::l2_error(mesh, component(end, "v"), kWaves.at("VV"), 0.5));
    }
    for (const auto& [field, e] : errors) {
      const double order = std::log2(e[1] / e[2]);
      RecordProperty(std::string("order_") + name + "_" + field, std::to_string(order));
      EXPECT_GT(order, 1.85) << name << " " << field << ": " << e[0] << " " << e[1] << " " << e[2];
      EXPECT_LT(e[2], 0.003) << name << " " << field;
    }
  }
}

// In time alone: against the same mesh with many steps.
TEST(Reaction, IsOfSecondOrderInTimeAlone) {
  const Mesh mesh = rectangle(8, 8);
  const ProblemSetup setup = set_up(mesh, manufactured(kWaves));
  const auto exact = component(run(setup, 0.5 / 2048, 2048), "u");
  std::vector<double> errors;
  for (const int steps : {32, 64, 128}) {
    errors.push_back(test::largest_difference(component(run(setup, 0.5 / steps, steps), "u"), exact));
  }
  const double order = std::log2(errors[1] / errors[2]);
  RecordProperty("order_time", std::to_string(order));
  EXPECT_NEAR(order, 2, 0.15) << errors[0] << " " << errors[1] << " " << errors[2];
}

// The exact solution of the equations of two components; \cite fletcher1983
TEST(Burgers, MeetsAnExactSolutionWithSecondOrder) {
  const std::string front = "1/(4*(1 + exp((-4*x + 4*y - t)/(32*0.02))))";
  const std::string u = "3/4 - " + front, v = "3/4 + " + front;
  const std::string text = "mesh: none\nproblem: burgers\nparameters: {viscosity: 0.02}\ninitial: {velocity: [\"" + u +
                           "\", \"" + v + "\"]}\nboundary: {all: {where: \"1\", velocity: [\"" + u + "\", \"" + v +
                           "\"]}}";
  std::vector<double> errors;
  for (const int n : {16, 32, 64}) {
    const Mesh mesh = rectangle(n, n);
    const Fields end = run(set_up(mesh, text), 0.5 / n, n);
    errors.push_back(std::hypot(test::l2_error(mesh, component(end, "velocity", 0), u, 0.5),
                                test::l2_error(mesh, component(end, "velocity", 1), v, 0.5)));
  }
  const double order = std::log2(errors[1] / errors[2]);
  RecordProperty("order", std::to_string(order));
  EXPECT_GT(order, 1.85) << errors[0] << " " << errors[1] << " " << errors[2];
  EXPECT_LT(errors[2], 2e-4);
}

// A quarter of what convection is said to take without growing: a shear wave of speed 1 around a periodic square whose
// cells have a Peclet number of 1, at the Courant number of the notes, decays.
TEST(Burgers, IsStableAtTheCourantNumberItSays) {
  const int n = 32;
  const double dt = kMostCourant / n;
  const auto setup = set_up(rectangle(n, n, {1, 1}),
                            "mesh: none\nproblem: burgers\nparameters: {viscosity: " + std::to_string(1.0 / (2 * n)) +
                                "}\ninitial: {velocity: [\"sin(2*pi*y)\", \"cos(2*pi*x)\"]}\n"
                                "boundary: {left: {periodic: right}, bottom: {periodic: top}}");
  const auto end = run(setup, dt, 200);
  EXPECT_LT(end["velocity"].abs().max().item<double>(), 0.2);
}

// Errors against the pseudo-spectral solution, over its deviation from its mean: at n and 2 n squares a side.
std::vector<double> spectral_errors(const std::string& yaml, double length, const std::vector<at::Tensor>& reference,
                                    const std::vector<std::string>& names, const std::vector<std::pair<int, int>>& runs,
                                    double end) {
  std::vector<double> errors;
  const auto points = reference[0].size(0);
  for (const auto& [n, steps] : runs) {
    const Mesh mesh = rectangle(n, n, {length, length});
    const Fields fields = run(set_up(mesh, yaml), end / steps, steps);
    double square = 0, scale = 0;
    for (std::size_t f = 0; f < names.size(); ++f) {
      const at::Tensor u = fields[names[f]].reshape({n + 1, n + 1}).slice(0, 0, n).slice(1, 0, n);
      const at::Tensor there = reference[f].slice(0, 0, points, points / n).slice(1, 0, points, points / n);
      square += (u - there).square().mean().item<double>();
      scale += there.var(false).item<double>();
    }
    errors.push_back(std::sqrt(square / scale));
  }
  return errors;
}

// Spots that divide: their fronts are some 0.007 m wide.
TEST(GrayScott, MeetsAPseudoSpectralSolution) {
  const double feed = 0.04, kill = 0.06, length = 0.3, end = 150;
  const test::SpectralSquare spectral(128, length, {2e-5, 5e-6}, [&](const std::vector<at::Tensor>& u) {
    const at::Tensor made = u[0] * u[1].square();
    return std::vector<at::Tensor>{feed * (1 - u[0]) - made, made - (feed + kill) * u[1]};
  });
  const at::Tensor square = (spectral.x() - 0.15).square() + 1.5 * (spectral.y() - 0.13).square();
  const at::Tensor bump = (-square / (2 * 0.03 * 0.03)).exp();
  const auto reference = spectral.advance({1 - 0.5 * bump, 0.4 * bump}, 0.5, 300);
  const std::string start = "exp(-((x - 0.15)^2 + 1.5*(y - 0.13)^2)/(2*0.03^2))";
  const auto errors = spectral_errors(
      "mesh: none\nproblem: gray_scott\nparameters: {diffusivity_u: 2e-5, diffusivity_v: 5e-6, feed: 0.04, kill: "
      "0.06}\ninitial: {u: \"1 - 0.5*" +
          start + "\", v: \"0.4*" + start + "\"}\nboundary: {left: {periodic: right}, bottom: {periodic: top}}",
      length, reference, {"u", "v"}, {{64, 150}, {128, 300}}, end);
  RecordProperty("errors", std::to_string(errors[0]) + " " + std::to_string(errors[1]));
  EXPECT_LT(errors[1], 0.02);
  EXPECT_GT(std::log2(errors[0] / errors[1]), 1.8) << errors[0] << " " << errors[1];
}

TEST(FitzHughNagumo, MeetsAPseudoSpectralSolution) {
  const double end = 8, length = 64;
  const test::SpectralSquare spectral(128, length, {1, 10}, [](const std::vector<at::Tensor>& u) {
    return std::vector<at::Tensor>{u[0] - u[0].pow(3) - u[1] + 0.01, 0.25 * (u[0] - u[1])};
  });
  const at::Tensor x = spectral.x() * (2 * std::numbers::pi / length),
                   y = spectral.y() * (2 * std::numbers::pi / length);
  const auto reference = spectral.advance(
      {0.8 * (4 * x).sin() * (3 * y + 1).cos() + 0.3 * (5 * y).sin(), 0.3 * (4 * x + 2 * y).cos()}, 0.02, 400);
  const auto errors = spectral_errors(
      "mesh: none\nproblem: fitzhugh_nagumo\nparameters: {diffusivity_u: 1, diffusivity_v: 10, alpha: 0.01, beta: "
      "0.25, "
      "k: {uniform: [0.09817477042468103, 0.09817477042468103]}}\n"
      "initial: {u: \"0.8*sin(4*k*x)*cos(3*k*y + 1) + 0.3*sin(5*k*y)\", v: \"0.3*cos(4*k*x + 2*k*y)\"}\n"
      "boundary: {left: {periodic: right}, bottom: {periodic: top}}",
      length, reference, {"u", "v"}, {{64, 200}, {128, 400}}, end);
  RecordProperty("errors", std::to_string(errors[0]) + " " + std::to_string(errors[1]));
  EXPECT_LT(errors[1], 0.02);
  EXPECT_GT(std::log2(errors[0] / errors[1]), 1.8) << errors[0] << " " << errors[1];
}

// du/dt = -lap u - lap^2 u - |grad u|^2 / 2 by Fourier modes, the classical Runge-Kutta method on the integrating
// factor.
at::Tensor spectral_kuramoto(at::Tensor u, double length, double dt, int steps) {
  const auto n = u.size(0);
  const at::Tensor k =
      at::fft_fftfreq(n, 1.0, at::TensorOptions().dtype(at::kDouble)) * (2 * std::numbers::pi * n / length);
  const at::Tensor kx = k.unsqueeze(0), ky = k.unsqueeze(1), square = kx.square() + ky.square();
  const at::Tensor half = ((square - square.square()) * (dt / 2)).exp();
  const at::Tensor kept = (kx.abs() < n / 3.0 * 2 * std::numbers::pi / length)
                              .logical_and(ky.abs() < n / 3.0 * 2 * std::numbers::pi / length);
  const c10::complex<double> i(0, 1);
  const auto rate = [&](const at::Tensor& v) {
    const at::Tensor ux = at::real(at::fft_ifft2(i * kx * v)), uy = at::real(at::fft_ifft2(i * ky * v));
    return at::fft_fft2(-0.5 * (ux.square() + uy.square())) * kept;
  };
  at::Tensor v = at::fft_fft2(u);
  for (int step = 0; step < steps; ++step) {
    const at::Tensor a = rate(v), b = rate(half * (v + dt / 2 * a)), c = rate(half * v + dt / 2 * b),
                     d = rate(half * half * v + dt * half * c);
    v = half * half * v + dt / 6 * (half * half * a + 2 * half * (b + c) + d);
  }
  return at::real(at::fft_ifft2(v)).contiguous();
}

TEST(KuramotoSivashinsky, MeetsAPseudoSpectralSolution) {
  const double length = 32, end = 4;
  const at::Tensor x = at::arange(96, at::kDouble) * (2 * std::numbers::pi / 96);
  const at::Tensor start = (2 * x).cos().unsqueeze(0) * (3 * x).sin().unsqueeze(1) + (4 * x + 1).cos().unsqueeze(0);
  const at::Tensor reference = spectral_kuramoto(start, length, 0.01, 400);
  const auto errors = spectral_errors(
      "mesh: none\nproblem: kuramoto_sivashinsky\ninitial: {u: \"cos(2*pi*x/16)*sin(3*2*pi*y/32) + "
      "cos(4*2*pi*x/32 + 1)\"}\nboundary: {left: {periodic: right}, bottom: {periodic: top}}",
      length, {reference}, {"u"}, {{48, 80}, {96, 160}}, end);
  RecordProperty("errors", std::to_string(errors[0]) + " " + std::to_string(errors[1]));
  EXPECT_LT(errors[1], 0.02);
  EXPECT_GT(std::log2(errors[0] / errors[1]), 1.8) << errors[0] << " " << errors[1];
}

// A disc of one phase shrinks as its curvature says: dR/dt = -rate width^2 / R, and the energy only falls.
TEST(AllenCahn, ADiscShrinksByItsCurvature) {
  const Mesh mesh = rectangle(128, 128);
  const auto setup = set_up(mesh,
                            "mesh: none\nproblem: allen_cahn\nparameters: {rate: 1, width: 0.03}\n"
                            "initial: {u: \"tanh((0.35 - sqrt((x - 0.5)^2 + (y - 0.5)^2))/(0.03*sqrt(2)))\"}");
  State state = setup.system.lift(std::vector{setup.initial});
  const auto radius = [&] {  // of a disc of the area that is of phase 1
    return std::sqrt((test::integral(mesh, component(setup.system.view(state), "u")) + 1) / (2 * std::numbers::pi));
  };
  const auto energy = [&] {
    const auto u = component(setup.system.view(state), "u");
    double sum = 0;
    for_each_cell(mesh, 5, [&](std::span<const Index> nodes, const CellValues& v) {
      for (int q = 0; q < v.num_points; ++q) {
        double value = 0, slope[2] = {0, 0};
        for (int a = 0; a < v.num_nodes; ++a) {
          value += v.value(q, a) * u[nodes[a]];
          for (int k = 0; k < 2; ++k) slope[k] += v.gradient(q, a)[k] * u[nodes[a]];
        }
        sum += v.weights[q] * (0.5 * 0.03 * 0.03 * (slope[0] * slope[0] + slope[1] * slope[1]) +
                               0.25 * std::pow(value * value - 1, 2));
      }
    });
    return sum;
  };
  const double dt = 0.2;
  double before = energy(), first = 0;
  for (int k = 0; k < 200; ++k) {
    if (k == 25) first = radius();  // the front has its shape
    state = setup.system.step(k * dt, dt, state);
    if (k % 10) continue;
    const double now = energy();
    EXPECT_LT(now, before) << k;
    before = now;
  }
  const double expected = std::sqrt(first * first - 2 * 0.03 * 0.03 * 35);
  EXPECT_NEAR(radius(), expected, 0.01 * expected) << first;
}

// What flows in is there afterwards; a wall between two given temperatures has the resistances in a row.
TEST(Heat, KeepsEnergyAndMeetsAWall) {
  const Mesh mesh = jiggled(mixed_rectangle(8, 6), 0.2, 2);
  const auto warmed = set_up(mesh,
                             "mesh: none\nproblem: heat\nparameters: {conductivity: 2, heat_capacity: 5}\n"
                             "initial: {temperature: 300}\nboundary: {left: {temperature_flux: 40}}");
  const auto after = component(run(warmed, 0.05, 20), "temperature");
  EXPECT_NEAR(5 * (test::integral(mesh, after) - 300), 40, 1e-7);
  const auto wall = set_up(mesh,
                           "mesh: none\nproblem: heat\nparameters: {conductivity: 2, heat_capacity: 1}\n"
                           "initial: {temperature: 300}\nboundary: {left: {temperature: 350}, right: "
                           "{temperature_robin_coefficient: 4, temperature_robin_ambient: 290}}");
  const auto steady = component(run(wall, 1, 60), "temperature");
  const double flux = 60 / (1 / 2.0 + 1 / 4.0);
  double most = 0;
  for (Index p = 0; p < mesh.num_points(); ++p)
    most = std::max(most, std::abs(steady[p] - (350 - flux / 2 * mesh.point(p)[0])));
  EXPECT_LT(most, 1e-6);
}

// In three dimensions and on a surface, a mode decays as it must.
TEST(Heat, ModesDecayInSpaceAndOnSurfaces) {
  std::vector<double> errors;
  for (const int n : {6, 12}) {
    const Mesh solid = box(n, n, n);
    const auto cube = set_up(solid,
                             "mesh: none\nproblem: heat\nparameters: {conductivity: 0.1, heat_capacity: 1}\n"
                             "initial: {temperature: \"cos(pi*x)*cos(pi*y)*cos(pi*z)\"}");
    errors.push_back(test::l2_error(solid, component(run(cube, 0.2 / n, 2 * n), "temperature"),
                                    "cos(pi*x)*cos(pi*y)*cos(pi*z)*exp(-0.3*pi^2*t)", 0.4));
  }
  EXPECT_GT(std::log2(errors[0] / errors[1]), 1.8) << errors[0] << " " << errors[1];
  const Mesh sphere = sphere_surface(3);
  const auto shell = set_up(sphere,
                            "mesh: none\nproblem: heat\nparameters: {conductivity: 0.5, heat_capacity: 1}\n"
                            "initial: {temperature: z}");
  EXPECT_LT(test::l2_error(sphere, component(run(shell, 0.05, 20), "temperature"), "z*exp(-1)", 0), 0.01);
}

}  // namespace
}  // namespace cotan
