// The channel of the DFG benchmarks, 2.2 m by 0.41 m, with a cylinder of 0.1 m across; second-order cells that follow
// the circle. `cotan mesh channel.geo --set size=0.02`, or in a case `mesh: {gmsh: channel.geo, parameters: {size: 0.02}}`.
DefineConstant[
  size = 0.03       // edges at the channel's walls [m]
  ratio = 6         // how many times shorter they are at the cylinder
  order = 2         // of the cells: 1 has straight sides
];
h = size / ratio;
Point(1) = {0, 0, 0, size};
Point(2) = {2.2, 0, 0, size};
Point(3) = {2.2, 0.41, 0, size};
Point(4) = {0, 0.41, 0, size};
Line(1) = {1, 2};
Line(2) = {2, 3};
Line(3) = {3, 4};
Line(4) = {4, 1};
Point(5) = {0.2, 0.2, 0, h};
Point(6) = {0.25, 0.2, 0, h};
Point(7) = {0.2, 0.25, 0, h};
Point(8) = {0.15, 0.2, 0, h};
Point(9) = {0.2, 0.15, 0, h};
Circle(5) = {6, 5, 7};
Circle(6) = {7, 5, 8};
Circle(7) = {8, 5, 9};
Circle(8) = {9, 5, 6};
Curve Loop(1) = {1, 2, 3, 4};
Curve Loop(2) = {5, 6, 7, 8};
Plane Surface(1) = {1, 2};

Physical Curve("inlet") = {4};
Physical Curve("outlet") = {2};
Physical Curve("walls") = {1, 3};
Physical Curve("cylinder") = {5, 6, 7, 8};
Physical Surface("domain") = {1};
Mesh.ElementOrder = order;
