// A channel, 1.6 m by 0.41 m, with a cylinder: the shape that the network was trained on. Change the cylinder in a
// case by `mesh: {gmsh: channel.geo, parameters: {cx: 0.3, radius: 0.05}}`.
DefineConstant[
  cx = 0.35         // its centre [m]
  cy = 0.19
  radius = 0.05     // [m]
  h = 0.034         // edges at the outlet's corners [m]
];
Point(1) = {0, 0, 0, 0.7 * h};
Point(2) = {1.6, 0, 0, h};
Point(3) = {1.6, 0.41, 0, h};
Point(4) = {0, 0.41, 0, 0.7 * h};
Line(1) = {1, 2};
Line(2) = {2, 3};
Line(3) = {3, 4};
Line(4) = {4, 1};
Curve Loop(1) = {1, 2, 3, 4};
h_cylinder = 2 * Pi * radius / 46;   // as many edges round it as in training
Point(5) = {cx, cy, 0, h_cylinder};
Point(6) = {cx + radius, cy, 0, h_cylinder};
Point(7) = {cx, cy + radius, 0, h_cylinder};
Point(8) = {cx - radius, cy, 0, h_cylinder};
Point(9) = {cx, cy - radius, 0, h_cylinder};
Circle(5) = {6, 5, 7};
Circle(6) = {7, 5, 8};
Circle(7) = {8, 5, 9};
Circle(8) = {9, 5, 6};
Curve Loop(2) = {5, 6, 7, 8};
Plane Surface(1) = {1, 2};

Physical Curve("inlet") = {4};
Physical Curve("outlet") = {2};
Physical Curve("walls") = {1, 3};
Physical Curve("cylinder") = {5, 6, 7, 8};
Physical Surface("domain") = {1};
