// The squares of the PhyMPGN systems, sides that face each other matching. Change it with
// `cotan mesh square.geo --set scene=1 --set h=0.02`, or in a case by `mesh: {gmsh: square.geo, parameters: {scene: 1}}`.
DefineConstant[
  scene = 0     // 0 whole; 1 with a disc cut out; 2 with a dolphin cut out; 3 with half-discs cut out left and right
  length = 1    // of a side [m]
  h = 0.0096    // edges [m]
  n = 0         // above 0: a grid of n by n squares, two triangles each (scene 0)
];
SetFactory("Built-in");
Point(1) = {0, 0, 0, h};
Point(2) = {length, 0, 0, h};
Point(3) = {length, length, 0, h};
Point(4) = {0, length, 0, h};
Line(1) = {1, 2};
Line(3) = {3, 4};
holes[] = {};
If (scene < 3)
  Line(2) = {2, 3};
  Line(4) = {4, 1};
  right[] = {2};
  left[] = {4};
  Periodic Curve {2} = {-4} Translate {length, 0, 0};
Else
  // Half-discs of radius 0.2 length, centres in the middle of both sides.
  r = 0.2 * length;
  m = length / 2;
  Point(5) = {length, m, 0, h};
  Point(6) = {length, m - r, 0, h};
  Point(7) = {length - r, m, 0, h};
  Point(8) = {length, m + r, 0, h};
  Point(9) = {0, m, 0, h};
  Point(10) = {0, m + r, 0, h};
  Point(11) = {r, m, 0, h};
  Point(12) = {0, m - r, 0, h};
  Line(21) = {2, 6};
  Circle(22) = {6, 5, 7};
  Circle(23) = {7, 5, 8};
  Line(24) = {8, 3};
  Line(41) = {4, 10};
  Circle(42) = {10, 9, 11};
  Circle(43) = {11, 9, 12};
  Line(44) = {12, 1};
  right[] = {21, 22, 23, 24};
  left[] = {41, 42, 43, 44};
EndIf
Periodic Curve {3} = {-1} Translate {0, length, 0};
Curve Loop(1) = {1, right[], 3, left[]};

If (scene == 1)
  Point(20) = {length / 2, length / 2, 0, h};
  Point(21) = {0.65 * length, length / 2, 0, h};
  Point(22) = {length / 2, 0.65 * length, 0, h};
  Point(23) = {0.35 * length, length / 2, 0, h};
  Point(24) = {length / 2, 0.35 * length, 0, h};
  Circle(31) = {21, 20, 22};
  Circle(32) = {22, 20, 23};
  Circle(33) = {23, 20, 24};
  Circle(34) = {24, 20, 21};
  holes[] = {31, 32, 33, 34};
  Curve Loop(2) = {31, 32, 33, 34};
EndIf
If (scene == 2)
  // A dolphin that leaps to the right: snout, forehead, back, fin, tail, its flukes, belly, flipper, jaw.
  x[] = {0.800, 0.745, 0.690, 0.600, 0.540, 0.490, 0.480, 0.400, 0.300, 0.235, 0.175, 0.205, 0.170, 0.255, 0.330, 0.430, 0.520, 0.530, 0.600, 0.690};
  y[] = {0.480, 0.535, 0.590, 0.625, 0.640, 0.715, 0.630, 0.600, 0.520, 0.440, 0.450, 0.390, 0.320, 0.370, 0.430, 0.480, 0.500, 0.420, 0.500, 0.490};
  dolphin[] = {};
  For i In {0 : #x[] - 1}
    p = newp;
    Point(p) = {x[i] * length, y[i] * length, 0, h};
    dolphin[] += p;
  EndFor
  // Sharp at the snout, the fin, the flukes and the flipper.
  Spline(51) = {dolphin[0], dolphin[1], dolphin[2], dolphin[3], dolphin[4]};
  Spline(52) = {dolphin[4], dolphin[5]};
  Spline(53) = {dolphin[5], dolphin[6]};
  Spline(54) = {dolphin[6], dolphin[7], dolphin[8], dolphin[9]};
  Spline(55) = {dolphin[9], dolphin[10]};
  Spline(56) = {dolphin[10], dolphin[11], dolphin[12]};
  Spline(57) = {dolphin[12], dolphin[13]};
  Spline(58) = {dolphin[13], dolphin[14], dolphin[15], dolphin[16]};
  Spline(59) = {dolphin[16], dolphin[17]};
  Spline(60) = {dolphin[17], dolphin[18]};
  Spline(61) = {dolphin[18], dolphin[19], dolphin[0]};
  holes[] = {51 : 61};
  Curve Loop(2) = {51 : 61};
EndIf

If (#holes[] > 0)
  Plane Surface(1) = {1, 2};
  Physical Curve("body") = {holes[]};
Else
  Plane Surface(1) = {1};
EndIf
If (n > 0)
  Transfinite Curve {1, 2, 3, 4} = n + 1;
  Transfinite Surface {1} Alternate;
EndIf
Physical Curve("bottom") = {1};
Physical Curve("right") = {right[]};
Physical Curve("top") = {3};
Physical Curve("left") = {left[]};
Physical Surface("domain") = {1};
Mesh.MeshSizeExtendFromBoundary = 1;
Mesh.Algorithm = 6;  // frontal: even triangles
