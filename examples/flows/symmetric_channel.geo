// A cylinder of 2 m across in a channel of 16 m by 8 m, for flows over a range of Reynolds numbers.
DefineConstant[
  size = 0.5        // edges at the corners [m]
  ratio = 4         // how many times shorter they are at the cylinder
  wake = 2          // how many times shorter they are behind it
];
Point(1) = {0, 0, 0, size};
Point(2) = {16, 0, 0, size};
Point(3) = {16, 8, 0, size};
Point(4) = {0, 8, 0, size};
Line(1) = {1, 2};
Line(2) = {2, 3};
Line(3) = {3, 4};
Line(4) = {4, 1};
h = size / ratio;
Point(5) = {5, 4, 0, h};
Point(6) = {6, 4, 0, h};
Point(7) = {5, 5, 0, h};
Point(8) = {4, 4, 0, h};
Point(9) = {5, 3, 0, h};
Circle(5) = {6, 5, 7};
Circle(6) = {7, 5, 8};
Circle(7) = {8, 5, 9};
Circle(8) = {9, 5, 6};
Point(10) = {15.9, 4, 0, size / wake};
Point(11) = {7, 4, 0, h};
Line(9) = {11, 10};
Curve Loop(1) = {1, 2, 3, 4};
Curve Loop(2) = {5, 6, 7, 8};
Plane Surface(1) = {1, 2};
Line{9} In Surface{1};

Physical Curve("inlet") = {4};
Physical Curve("outlet") = {2};
Physical Curve("sides") = {1, 3};
Physical Curve("cylinder") = {5, 6, 7, 8};
Physical Surface("domain") = {1};
