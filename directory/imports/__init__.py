"""An import as something a department works on over days: checked, repaired, previewed, carried out, undone."""
