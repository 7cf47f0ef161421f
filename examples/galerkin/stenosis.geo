// A vessel from y = 0 to 1 that narrows to 0.6 of its width in the middle: x = 1/2 +- (1 - 0.4 cos(pi (y - 1/2))) / 2.
DefineConstant[
  cells = 10    // quads across and along
  order = 2     // of the cells: the walls are curved, and the velocity between corners is written too
];
n = 40;
For k In {0:n}
  y = k / n;
  half = (1 - 0.4 * Cos(Pi * (y - 0.5))) / 2;
  Point(100 + k) = {0.5 - half, y, 0};
  Point(200 + k) = {0.5 + half, y, 0};
EndFor
Line(1) = {100, 200};
Spline(2) = {200:200 + n};
Line(3) = {200 + n, 100 + n};
Spline(4) = {100:100 + n};
Curve Loop(1) = {1, 2, 3, -4};
Plane Surface(1) = {1};
Transfinite Curve {1, 2, 3, 4} = cells + 1;
Transfinite Surface {1};
Recombine Surface {1};
Physical Curve("inlet") = {1};
Physical Curve("walls") = {2, 4};
Physical Curve("outlet") = {3};
Physical Surface("domain") = {1};
Mesh.ElementOrder = order;
