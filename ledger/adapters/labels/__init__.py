"""
Labels of lots for packing houses: thermal labels and sheets of stickers, as PNG, SVG and PDF.

`sizes` names the formats, `layout` places everything, `png`, `svg` and `pdf` print what was placed. Text is shaped with
fonts that travel with the package, so that every printer prints the same.
"""
