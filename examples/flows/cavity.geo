// The unit square as `cells` by `cells` squares, each of two triangles, shorter at the walls.
DefineConstant[
  cells = 32
  bump = 0.15   // how much shorter: 1 is even
  order = 2     // of the cells: then the velocity at midpoints is written too
];
Point(1) = {0, 0, 0};
Point(2) = {1, 0, 0};
Point(3) = {1, 1, 0};
Point(4) = {0, 1, 0};
Line(1) = {1, 2};
Line(2) = {2, 3};
Line(3) = {3, 4};
Line(4) = {4, 1};
Curve Loop(1) = {1, 2, 3, 4};
Plane Surface(1) = {1};
Transfinite Curve {1, 2, 3, 4} = cells + 1 Using Bump bump;
Transfinite Surface {1} Alternated;

Physical Curve("lid") = {3};
Physical Curve("walls") = {1, 2, 4};
Physical Surface("domain") = {1};
Mesh.ElementOrder = order;
