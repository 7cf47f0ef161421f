// A quarter of a plate with a hole of radius 0.1 at the origin: [-0.4, 0] by [0, 0.8].
DefineConstant[
  size = 0.1    // edges far from the hole [m]
];
Point(1) = {0, 0, 0};
Point(2) = {-0.1, 0, 0, size / 4};
Point(3) = {0, 0.1, 0, size / 4};
Point(4) = {0, 0.8, 0, size};
Point(5) = {-0.4, 0.8, 0, size};
Point(6) = {-0.4, 0, 0, size};
Circle(1) = {3, 1, 2};
Line(2) = {2, 6};
Line(3) = {6, 5};
Line(4) = {5, 4};
Line(5) = {4, 3};
Curve Loop(1) = {1, 2, 3, 4, 5};
Plane Surface(1) = {1};
Physical Curve("clamped") = {3};
Physical Curve("loaded") = {5};
Physical Curve("free") = {1, 2, 4};
Physical Surface("domain") = {1};
