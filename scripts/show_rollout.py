#!/usr/bin/env python3
"""A picture of a rollout beside its truth: prediction, reference, error, one above the other.

  scripts/show_rollout.py RESULT.pvd FIELD OUT.png [--frame K]

RESULT.pvd is written by `cotan rollout` from an archive, or with --reference. FIELD is shown by its length where it is a
vector. K counts the frames from 0; left out: the last. Needs the `vtk` wheel (scripts/setup.sh --tests has it), no display.
"""
import argparse
import math
import pathlib
import sys
import xml.etree.ElementTree

import vtk

WIDTH = 900  # pixels of a panel
vtk.vtkObject.GlobalWarningDisplayOff()  # of displays that are tried and not there


def refuse(message):
    print(f"show_rollout: {message}", file=sys.stderr)
    sys.exit(2)


def frames_of(pvd):
    try:
        entries = list(xml.etree.ElementTree.parse(pvd).iter("DataSet"))
        return sorted((float(entry.get("timestep")), pvd.parent / entry.get("file")) for entry in entries)
    except (OSError, xml.etree.ElementTree.ParseError, TypeError, ValueError) as reason:
        refuse(f"{pvd}: no collection that can be read: {reason}")


def read(path):
    reader = vtk.vtkXMLUnstructuredGridReader()
    reader.SetFileName(str(path))
    reader.Update()
    return reader.GetOutput()


def lengths(grid, name):
    """The field's length at each point, as an array of its own."""
    array = grid.GetPointData().GetArray(name)
    if array is None:
        names = [grid.GetPointData().GetArrayName(i) for i in range(grid.GetPointData().GetNumberOfArrays())]
        refuse(f"no field '{name}'; there are {', '.join(names)}")
    out = vtk.vtkDoubleArray()
    out.SetName(name + " length")
    one = array.GetNumberOfComponents() == 1
    for i in range(array.GetNumberOfTuples()):
        row = array.GetTuple(i)
        out.InsertNextValue(row[0] if one else math.sqrt(sum(x * x for x in row)))
    grid.GetPointData().AddArray(out)
    return out


def colours(low, high):
    """Dark blue over white to dark red where the values have two signs, else light to dark through the hues of viridis."""
    function = vtk.vtkColorTransferFunction()
    if low < 0 < high:
        stops = [(0.02, 0.19, 0.38), (0.57, 0.77, 0.87), (1, 1, 1), (0.96, 0.65, 0.51), (0.40, 0.0, 0.12)]
    else:
        stops = [(0.27, 0.0, 0.33), (0.23, 0.32, 0.55), (0.13, 0.57, 0.55), (0.37, 0.79, 0.38), (0.99, 0.91, 0.14)]
    for i, colour in enumerate(stops):
        function.AddRGBPoint(low + (high - low) * i / (len(stops) - 1), *colour)
    return function


def panel(grid, values, limits, title):
    table = colours(*limits)
    mapper = vtk.vtkDataSetMapper()
    mapper.SetInputData(grid)
    mapper.SetScalarModeToUsePointFieldData()
    mapper.SelectColorArray(values.GetName())
    mapper.SetLookupTable(table)
    mapper.InterpolateScalarsBeforeMappingOn()
    actor = vtk.vtkActor()
    actor.SetMapper(mapper)
    actor.GetProperty().LightingOff()
    bar = vtk.vtkScalarBarActor()
    bar.SetLookupTable(table)
    bar.SetNumberOfLabels(3)
    bar.SetLabelFormat("{:.2g}")
    bar.UnconstrainedFontSizeOn()
    bar.SetPosition(0.9, 0.1)
    bar.SetWidth(0.07)
    bar.SetHeight(0.8)
    bar.GetLabelTextProperty().SetColor(0, 0, 0)
    bar.GetLabelTextProperty().SetFontSize(16)
    bar.GetLabelTextProperty().ShadowOff()
    bar.GetLabelTextProperty().ItalicOff()
    text = vtk.vtkTextActor()
    text.SetInput(title)
    text.GetTextProperty().SetColor(0, 0, 0)
    text.GetTextProperty().SetFontSize(20)
    text.SetPosition(12, 6)
    renderer = vtk.vtkRenderer()
    renderer.SetBackground(1, 1, 1)
    for prop in (actor, bar, text):
        renderer.AddViewProp(prop)
    return renderer


def fit(renderer, bounds, aspect):
    """The mesh into the left nine tenths of the panel, looked at straight down."""
    camera = renderer.GetActiveCamera()
    camera.ParallelProjectionOn()
    width, height = bounds[1] - bounds[0], bounds[3] - bounds[2]
    scale = max(1.3 * height, width / 0.87 / aspect) / 2
    x = bounds[0] + scale * aspect - 0.03 * scale * aspect
    y = (bounds[2] + bounds[3]) / 2 - 0.1 * height  # room for the title
    camera.SetFocalPoint(x, y, 0)
    camera.SetPosition(x, y, 1)
    camera.SetParallelScale(scale)
    renderer.ResetCameraClippingRange()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("result", type=pathlib.Path)
    parser.add_argument("field")
    parser.add_argument("picture", type=pathlib.Path)
    parser.add_argument("--frame", type=int, default=-1)
    arguments = parser.parse_args()
    frames = frames_of(arguments.result)
    if not -len(frames) <= arguments.frame < len(frames):
        refuse(f"--frame {arguments.frame}: {arguments.result} has {len(frames)} frames")
    time, path = frames[arguments.frame]
    grid = read(path)
    names = (arguments.field, arguments.field + "_reference", arguments.field + "_error")
    shown = [lengths(grid, name) for name in names]
    ranges = [values.GetRange() for values in shown]
    both = (min(ranges[0][0], ranges[1][0]), max(ranges[0][1], ranges[1][1]))
    bounds = grid.GetBounds()
    height = max(120, round(0.87 * WIDTH * (bounds[3] - bounds[2]) / (bounds[1] - bounds[0]) * 1.3))
    window = vtk.vtkRenderWindow()
    window.SetOffScreenRendering(1)
    window.SetMultiSamples(8)
    window.SetSize(WIDTH, 3 * height)
    titles = (f"{arguments.field}: prediction, t = {time:.3g} s", "reference", "error")
    for k, (values, limits, title) in enumerate(zip(shown, (both, both, ranges[2]), titles)):
        renderer = panel(grid, values, limits, title)
        renderer.SetViewport(0, (2 - k) / 3, 1, (3 - k) / 3)
        window.AddRenderer(renderer)
        fit(renderer, bounds, WIDTH / height)
    window.Render()
    image = vtk.vtkWindowToImageFilter()
    image.SetInput(window)
    writer = vtk.vtkPNGWriter()
    writer.SetFileName(str(arguments.picture))
    writer.SetInputConnection(image.GetOutputPort())
    writer.Write()


if __name__ == "__main__":
    main()
