// navier_stokes against what is known: exact solutions and the orders of the elements and steps, momentum in balance.
#include <gtest/gtest.h>

#include <cmath>

#include "core/check.h"
#include "mesh/generate.h"
#include "physics/flow_unsteady.h"
#include "physics/navier_stokes.h"
#include "tests/physics/case_support.h"

namespace cotan {
namespace {

using test::input_from;

struct Exact {
  std::vector<std::string> velocity;
  std::string pressure;
};

struct Errors {
  double velocity, pressure;
};

std::vector<double> values_of(const Fields& fields, const std::string& name, int component) {
  const auto values = fields[name].select(1, component).contiguous();
  return {values.data_ptr<double>(), values.data_ptr<double>() + values.numel()};
}

// L2 errors of a flow on a mesh with second-order nodes. \param last fields at t
Errors errors_of(const Mesh& mesh, const Fields& last, const Exact& exact, double t) {
  double square = 0;
  for (int k = 0; k < mesh.dim(); ++k) {
    square += std::pow(test::l2_error(mesh, values_of(last, "velocity", k), exact.velocity[k], t), 2);
  }
  std::vector<Index> kept;
  const Mesh corners = linearised(mesh, &kept);
  std::vector<double> pressure;
  const auto all = values_of(last, "pressure", 0);
  for (const Index p : kept) pressure.push_back(all[p]);
  return {std::sqrt(square), test::l2_error(corners, pressure, exact.pressure, t)};
}

double order(double coarse, double fine) {
  return std::log2(coarse / fine);
}

// Kovasznay's flow behind a grid, Re 40; the pressure's mean over the domain is taken off by the right side's opening.
const std::string kLambda = "(20 - sqrt(400 + 4*pi^2))";
const Exact kKovasznay = {{"1 - exp(LAM*x)*cos(2*pi*y)", "LAM/(2*pi)*exp(LAM*x)*sin(2*pi*y)"}, "-0.5*exp(2*LAM*x)"};

std::string with_lambda(std::string text) {
  for (auto at = text.find("LAM"); at != std::string::npos; at = text.find("LAM")) text.replace(at, 3, kLambda);
  return text;
}

Exact kovasznay() {
  return {{with_lambda(kKovasznay.velocity[0]), with_lambda(kKovasznay.velocity[1])}, with_lambda(kKovasznay.pressure)};
}

TEST(NavierStokes, KovasznaysFlowHasTheElementsOrders) {
  const Exact exact = kovasznay();
  const std::string given = "velocity: [\"" + exact.velocity[0] + "\", \"" + exact.velocity[1] + "\"]";
  // at x = 1: viscosity du/dx - p (normal), the tangential velocity given
  const std::string out = with_lambda("-0.5*exp(2*LAM*x) + 0.025*LAM*exp(LAM*x)*cos(2*pi*y)");
  const std::string text =
      "mesh: none\nproblem: navier_stokes\nparameters: {viscosity: 0.025}\noptions: {steady: true}\n"
      "boundary:\n  left: {role: inflow, " +
      given + "}\n  right: {role: outflow, velocity: [null, \"" + exact.velocity[1] + "\"], pressure: \"" + out +
      "\"}\n  bottom: {" + given + "}\n  top: {" + given + "}\n";
  std::vector<Errors> errors;
  for (const int n : {8, 16, 32}) {
    MeshData data = rectangle(n, n, {1.5, 2}, CellType::triangle6).data();
    for (std::size_t i = 0; i < data.points.size(); i += 2) {
      data.points[i] -= 0.5;
      data.points[i + 1] -= 0.5;
    }
    const Mesh mesh(std::move(data));
    errors.push_back(errors_of(mesh, make_navier_stokes(input_from(mesh, text)).initial.fields, exact, 0));
  }
  EXPECT_GT(order(errors[1].velocity, errors[2].velocity), 2.9);
  EXPECT_GT(order(errors[1].pressure, errors[2].pressure), 1.95);
}

// Taylor and Green's vortices, carried along by (1, 0.5): an exact solution of all terms. Its pressure's mean over
// the unit square is 0.
const std::string kShifted = "pi*(x - t)", kShiftedY = "pi*(y - 0.5*t)", kDecay = "exp(-0.1*pi^2*t)";
const Exact kVortices = {{"1 - cos(" + kShifted + ")*sin(" + kShiftedY + ")*" + kDecay,
                          "0.5 + sin(" + kShifted + ")*cos(" + kShiftedY + ")*" + kDecay},
                         "-0.25*(cos(2*" + kShifted + ") + cos(2*" + kShiftedY + "))*" + kDecay + "^2"};

std::string vortices_case() {
  const std::string given = "[\"" + kVortices.velocity[0] + "\", \"" + kVortices.velocity[1] + "\"]";
  return "mesh: none\nproblem: navier_stokes\nparameters: {viscosity: 0.05}\ninitial: {velocity: " + given +
         "}\nboundary:\n  all: {where: \"1\", velocity: " + given + "}\n";
}

Fields run(const ProblemSetup& setup, double end, int steps) {
  State state = setup.system.lift(std::vector{setup.initial});
  for (int k = 0; k < steps; ++k) state = setup.system.step(end * k / steps, end / steps, state);
  return setup.system.view(state);
}

TEST(NavierStokes, VorticesHaveTheElementsOrders) {
  for (const CellType type : {CellType::triangle6, CellType::quad9}) {
    std::vector<Errors> errors;
    for (const int n : {4, 8, 16}) {
      const Mesh mesh = rectangle(n, n, {1, 1}, type);
      const auto setup = make_navier_stokes(input_from(mesh, vortices_case()));
      errors.push_back(errors_of(mesh, run(setup, 0.1, 100), kVortices, 0.1));
    }
    EXPECT_GT(order(errors[1].velocity, errors[2].velocity), 2.85) << shape(type).name;
    EXPECT_GT(order(errors[1].pressure, errors[2].pressure), 1.9) << shape(type).name;
  }
}

// On one mesh, by how far results of steps of dt, dt/2 and dt/4 are apart.
TEST(NavierStokes, StepsAreOfSecondOrder) {
  const Mesh mesh = jiggled(rectangle(8, 8, {1, 1}, CellType::triangle6), 0.15, 2);
  const auto setup = make_navier_stokes(input_from(mesh, vortices_case()));
  std::vector<Fields> ends;
  for (const int steps : {20, 40, 80}) ends.push_back(run(setup, 0.5, steps));
  const auto apart = [&](const std::string& name, int i) {
    return (ends[i][name] - ends[i + 1][name]).norm().item<double>();
  };
  for (const char* name : {"velocity", "pressure"}) {
    EXPECT_GT(order(apart(name, 0), apart(name, 1)), 1.9) << name;
  }
}

// A sequence of steps of changing length keeps the order.
TEST(NavierStokes, ChangingStepsAreOfSecondOrder) {
  const Mesh mesh = rectangle(6, 6, {1, 1}, CellType::triangle6);
  const auto setup = make_navier_stokes(input_from(mesh, vortices_case()));
  std::vector<Fields> ends;
  for (const int steps : {20, 40, 80}) {  // pairs of 2/3 and 4/3 of the mean step
    State state = setup.system.lift(std::vector{setup.initial});
    double t = 0;
    for (int k = 0; k < steps; ++k) {
      const double dt = 0.5 / steps * (k % 2 ? 4.0 / 3 : 2.0 / 3);
      state = setup.system.step(t, dt, state);
      t += dt;
    }
    EXPECT_NEAR(t, 0.5, 1e-12);
    ends.push_back(setup.system.view(state));
  }
  const auto apart = [&](int i) { return (ends[i]["velocity"] - ends[i + 1]["velocity"]).norm().item<double>(); };
  EXPECT_GT(order(apart(0), apart(1)), 1.85);
}

struct Family {
  const char* name;
  Mesh mesh;
};

std::vector<Family> families() {
  return {{"triangles", jiggled(rectangle(5, 4, {2, 1}), 0.2, 1)},
          {"second-order triangles", jiggled(rectangle(5, 4, {2, 1}, CellType::triangle6), 0.2, 2)},
          {"quads", rectangle(5, 4, {2, 1}, CellType::quad)},
          {"mixed", mixed_rectangle(6, 4)},
          {"tetrahedra", jiggled(box(3, 3, 2, {2, 1, 1}), 0.1, 3)}};
}

// Plane Poiseuille flow is in the space: Newton's method, steps and forces are exact. Walls below and above; an opening
// on the right; in 3-D slip in front and behind. In a channel turned by an angle the walls' and sides' normals are no
// axes.
std::string poiseuille_case(int dim, const std::string& speed, bool steady) {
  const std::string zero = dim == 3 ? "[0, 0, 0]" : "[0, 0]", in = "[\"" + speed + "\", 0" + (dim == 3 ? ", 0]" : "]");
  const std::string from = dim == 3 ? "[null, 0, 0]" : "[null, 0]";
  return "mesh: none\nproblem: navier_stokes\nparameters: {viscosity: 0.1}\noptions: {steady: " +
         std::string(steady ? "true" : "false") + ", forces: [bottom, top]}\ninitial: {velocity: " + in +
         ", pressure: \"0.2*(1 - x)\"}\nboundary:\n" +
         (dim == 3 ? "  front: {velocity_normal: 0}\n  back: {velocity_normal: 0}\n" : "") +
         "  right: {role: outflow, velocity: " + from + "}\n  bottom: {velocity: " + zero +
         "}\n  top: {velocity: " + zero + "}\n  left: {role: inflow, velocity: " + in + "}\n";
}

// Integral over the left side of a pressure times the shape functions of the bottom's nodes.
double inlet_pressure_at_bottom(const Mesh& mesh, double pressure) {
  const TaylorHood space(std::make_shared<const Mesh>(mesh));
  double sum = 0;
  for_each_facet(*space.mesh, space.mesh->facets_of("left"), 4, [&](std::span<const Index> nodes, const CellValues& v) {
    for (int q = 0; q < v.num_points; ++q) {
      for (int a = 0; a < v.num_nodes; ++a) {
        if (space.mesh->point(nodes[a])[1] < 1e-9) sum += v.weights[q] * pressure * v.value(q, a);
      }
    }
  });
  return sum;
}

TEST(NavierStokes, IsExactOnPoiseuillesFlow) {
  for (const auto& [name, mesh] : families()) {
    const std::string speed = "y*(1 - y)";
    double length = 0;
    for (Index p = 0; p < mesh.num_points(); ++p) length = std::max(length, mesh.point(p)[0]);
    const std::string pressure = "0.2*(" + std::to_string(length) + " - x)";
    for (const bool steady : {true, false}) {
      const auto setup = make_navier_stokes(input_from(mesh, poiseuille_case(mesh.dim(), speed, steady)));
      const Fields end = steady ? setup.initial.fields : run(setup, 1, 5);
      EXPECT_LT(test::largest_difference(values_of(end, "velocity", 0), test::point_values(mesh, speed, 0)), 1e-9)
          << name << (steady ? " steady" : " steps");
      EXPECT_LT(test::largest_difference(values_of(end, "pressure", 0), test::point_values(mesh, pressure, 0)), 1e-8)
          << name << (steady ? " steady" : " steps");
      // viscosity du/dy times the area, less what of the inlet's pressure falls to the nodes that it shares
      EXPECT_NEAR(values_of(end, "force_bottom", 0)[0], 0.1 * length - inlet_pressure_at_bottom(mesh, 0.2 * length),
                  1e-9)
          << name;
      EXPECT_NEAR(values_of(end, "force_top", 1)[0], 0.2 * length * length / 2, 1e-8) << name;  // of the pressure
    }
  }
}

Mesh turned(const Mesh& mesh, double angle) {
  std::vector<double> points(mesh.points().begin(), mesh.points().end());
  for (std::size_t i = 0; i < points.size(); i += mesh.dim()) {
    const double x = points[i], y = points[i + 1];
    points[i] = std::cos(angle) * x - std::sin(angle) * y;
    points[i + 1] = std::sin(angle) * x + std::cos(angle) * y;
  }
  return mesh.with_points(std::move(points));
}

// Half a channel with slip where its other half would be, turned: in coordinates s along and n across it.
TEST(NavierStokes, SlipIsExactInATurnedChannel) {
  const std::string c = "0.8", s = "0.6";
  const std::string across = "(" + c + "*y - " + s + "*x)", along = "(" + c + "*x + " + s + "*y)";
  const std::string speed = "(" + across + "*(2 - " + across + "))";
  const std::string in = "[\"" + c + "*" + speed + "\", \"" + s + "*" + speed + "\"]";
  const Mesh mesh = turned(jiggled(rectangle(5, 4, {2, 1}), 0.2, 7), std::atan2(0.6, 0.8));
  for (const std::string& out : {"velocity: " + in, std::string("pressure: 0")}) {
    const std::string text =
        "mesh: none\nproblem: navier_stokes\nparameters: {viscosity: 0.1}\noptions: {steady: true}\n"
        "boundary:\n  top: {velocity_normal: 0}\n  bottom: {velocity: [0, 0]}\n  right: {role: outflow, " +
        out + "}\n  left: {role: inflow, velocity: " + in + "}\n";
    const Fields end = make_navier_stokes(input_from(mesh, text)).initial.fields;
    const double shift = out == "pressure: 0" ? 0 : 0.2;  // all sides given: the mean is 0
    EXPECT_LT(test::largest_difference(values_of(end, "velocity", 1), test::point_values(mesh, s + "*" + speed, 0)),
              1e-9);
    EXPECT_LT(
        test::largest_difference(values_of(end, "pressure", 0),
                                 test::point_values(mesh, "0.2*(2 - " + along + ") - " + std::to_string(shift), 0)),
        1e-8);
  }
}

// Second-order nodes of an annulus, on its circles.
Mesh round_annulus(int around, int across) {
  const Mesh straight = second_order(annulus(around, across));
  std::vector<double> points(straight.points().begin(), straight.points().end());
  for (const char* name : {"inner", "outer"}) {
    const double radius = name[0] == 'i' ? 0.5 : 1.0;
    for (const Index p : straight.points_of(name)) {
      const double r = std::hypot(points[2 * p], points[2 * p + 1]);
      for (int k = 0; k < 2; ++k) points[2 * p + k] *= radius / r;
    }
  }
  return straight.with_points(std::move(points));
}

// Flow in circles, a r + b / r, driven by the outer one. On the inner one, slip: no normal component, and no slope of
// the velocity across it, so that b = a r^2 there.
TEST(NavierStokes, SlipAlongACircleConverges) {
  const std::string text =
      "mesh: none\nproblem: navier_stokes\nparameters: {viscosity: 0.1}\noptions: {steady: true}\nboundary:\n"
      "  inner: {velocity_normal: 0}\n  outer: {velocity: [\"-y\", x]}\n";
  const std::string profile = "((1 + 0.25/(x^2 + y^2))/1.25)";
  const Exact exact = {{"-y*" + profile, "x*" + profile}, "0"};
  std::vector<double> errors;
  for (const int n : {2, 4, 8}) {
    const Mesh mesh = round_annulus(8 * n, n);
    errors.push_back(errors_of(mesh, make_navier_stokes(input_from(mesh, text)).initial.fields, exact, 0).velocity);
  }
  EXPECT_GT(order(errors[1], errors[2]), 2.5);
}

}  // namespace
}  // namespace cotan
