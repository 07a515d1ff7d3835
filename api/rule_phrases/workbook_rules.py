"""Rules on the packing house's own workbook, its mapping file and labels, and notes on how cells were read."""

from __future__ import annotations

from api.catalogues import N_

WORKBOOK_RULES = {
    "cell.formula-result": N_("A formula stands here; its last computed result was taken."),
    "cell.yes-no": N_("Write yes or no."),
    "date.no-year": N_("Write the year too; the sheet's title does not say it."),
    "date.serial": N_("A bare number was read as a spreadsheet's day number."),
    "date.time": N_("Write the time of day as 14:30."),
    "date.year-of-title": N_("The year was taken from the sheet's title."),
    "gs1.ai254": N_("The extension of a place has 1 to 20 letters, digits and signs, without spaces."),
    "label.cases": N_("No cases were counted, and the weight is not a whole number of cases."),
    "label.format": N_("There is no such label; see silkroot label --help."),
    "label.no-lots": N_("No event of this file packs, harvests or buys in a lot."),
    "label.overflow": N_("The text does not fit the label; take a larger label or fewer languages."),
    "label.sheet-type": N_("Sheets of stickers are printed as PDF."),
    "label.too-many": N_("These are too many labels for one go."),
    "mapping.column": N_("The template has no such column in this sheet."),
    "mapping.sheet": N_("This is no title of a sheet of the template."),
    "mapping.type": N_("The mapping file needs a table here."),
    "mapping.unit": N_("There is no such unit; write kg, t, g, jin or case."),
    "mapping.unknown-key": N_("A mapping file has the tables sheets, columns and units."),
    "mass.no-unit": N_("Nothing says what a case of this loose product weighs; write a weight."),
    "master.contradiction": N_("The ledger, or a row above, says otherwise of this entry."),
    "packing.balance": N_("What went in is not what came out, with culls, loss and remainder."),
    "packing.one-sided": N_("An order names at least one lot that went in and one that came out."),
    "packing.remainder": N_("No more can come back than went in."),
    "product.missing": N_("Pick the product: several products of this workbook have the lot."),
    "quantity.contradiction": N_("Cases and weight do not agree."),
    "quantity.unit-missing": N_("Nothing says the unit; write kg, t, g, jin or case beside it."),
    "quantity.units-contradict": N_("Cell, unit column and heading name different units."),
    "row.contradiction": N_("Another row of the same thing says otherwise."),
    "row.example": N_("The template's example row was left out."),
    "row.example-changed": N_("The example row was filled in; take the word example out of it to have it read."),
    "sheet.headings": N_("No row of known column headings was found."),
    "workbook.empty-rows": N_("The sheet has very many empty rows; delete them and save again."),
    "workbook.encrypted": N_("This workbook is encrypted; save it without a password."),
    "workbook.macros": N_("This workbook holds macros, which are never run; save it as .xlsx without macros."),
    "workbook.old-format": N_("This is a workbook of Excel 97 to 2003; save it as .xlsx."),
}
