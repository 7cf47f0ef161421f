// A channel, 2.2 m by 0.41 m, with an obstacle. Change it with `cotan mesh channel.geo --set radius=0.07`, or in a
// case by `mesh: {gmsh: channel.geo, parameters: {radius: 0.07}}`.
DefineConstant[
  kind = 0          // obstacle: 0 a circle, 3 or more a regular polygon with that many corners on the circle
  cx = 0.5          // its centre [m]
  cy = 0.2
  radius = 0.06     // [m]
  turn = 0          // polygon: angle of the first corner [degrees]
  length = 2.2      // of the channel [m]
  height = 0.41     // [m]
  h = 0.038         // edges at the channel's walls [m]
  h_obstacle = 0.018 // edges at the obstacle [m]
];

Point(1) = {0, 0, 0, h};
Point(2) = {length, 0, 0, h};
Point(3) = {length, height, 0, h};
Point(4) = {0, height, 0, h};
Line(1) = {1, 2};
Line(2) = {2, 3};
Line(3) = {3, 4};
Line(4) = {4, 1};
Curve Loop(1) = {1, 2, 3, 4};

centre = newp;
Point(centre) = {cx, cy, 0, h_obstacle};
corners = (kind < 3) ? 4 : kind;
ring[] = {};
For i In {0 : corners - 1}
  angle = (turn + 360 * i / corners) * Pi / 180;
  p = newp;
  Point(p) = {cx + radius * Cos(angle), cy + radius * Sin(angle), 0, h_obstacle};
  ring[] += p;
EndFor
sides[] = {};
For i In {0 : corners - 1}
  next = (i + 1) % corners;
  c = newc;
  If (kind < 3)
    Circle(c) = {ring[i], centre, ring[next]};
  Else
    Line(c) = {ring[i], ring[next]};
  EndIf
  sides[] += c;
EndFor
Curve Loop(2) = {sides[]};
Plane Surface(1) = {1, 2};

Physical Curve("inlet") = {4};
Physical Curve("outlet") = {2};
Physical Curve("walls") = {1, 3};
Physical Curve("obstacle") = {sides[]};
Physical Surface("domain") = {1};
