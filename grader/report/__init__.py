"""The report: frozen data, its JSON form and its schema. Prints nothing, grades nothing."""
