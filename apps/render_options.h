#pragma once
#include <cstdint>
#include <string>

#include "core/options.h"

namespace cotan {

/// What `cotan render` is asked for. The verb hands it to the drawing program (`cotan_draw`) as text.
struct RenderOptions {
  std::string input, output;
  std::string split, fields, component, warp, arrows, slice, view;
  std::int64_t trajectory = 0;
  int times = 5, rate = 12, width = 0;
  bool frames = false, video = false, edges = false, overwrite = false, quiet = false;
  double warp_scale = 1, arrow_scale = 0, low = 0, high = 0;

  template <class V>
  void visit(V&& v) {
    v("input", input, "mesh file with fields, or archive");
    v("output", output, "folder for the pictures");
    v("split", split, "of the archive");
    v("fields", fields, "names, with commas; empty: all but those that go with another");
    v("component", component, "of vectors: x, y, z, a number from 0, or length");
    v("warp", warp, "vector field by which points are moved");
    v("warp_scale", warp_scale, "times that field");
    v("arrows", arrows, "vector field drawn as arrows");
    v("arrow_scale", arrow_scale, "metres an arrow is long for a vector of length 1; 0: by the data", at_least(0));
    v("slice", slice, "a cut of a 3-D mesh: axis=place, as x=0.5");
    v("view", view, "from where 3-D is seen: x, -x, y, -y, z, -z, or corner");
    v("trajectory", trajectory, "which one, from 0", at_least(0));
    v("times", times, "on the sheet", between(1, 100));
    v("frames", frames, "a picture of each time as well");
    v("video", video, "a video as well");
    v("rate", rate, "times a second of the video", between(1, 60));
    v("width", width, "of a panel [pixels]; 0: by their number", between(0, 8192));
    v("low", low, "where the colours begin; high = low: by the data");
    v("high", high, "where they end");
    v("edges", edges, "sides of cells as lines");
    v("overwrite", overwrite, "replace pictures that exist");
    v("quiet", quiet, "warnings and errors only");
  }
};

}  // namespace cotan
