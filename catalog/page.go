package catalog

// Page is a part of a list: Limit of what comes after Offset.
type Page struct{ Offset, Limit int }
