package parser

import "strings"

// isKeyword tells whether a lower-case word belongs to the language and names a
// field only in back-ticks.
func isKeyword(word string) bool {
	switch word {
	case "select", "from", "logformat", "set", "where", "group", "having", "order", "rorder",
		"limit", "interval", "outfile", "parse", "explain", "by", "as", "asc", "desc", "all", "distinct", "filter", "offset",
		"and", "or", "not", "is", "null", "true", "false", "in", "between", "like", "ilike",
		"case", "when", "then", "else", "end",
		"eq", "ne", "contains", "ncontains", "lacks", "hasprefix", "nhasprefix", "hassuffix", "nhassuffix":
		return true
	}
	return isReserved(word)
}

// isReserved tells whether a keyword has no meaning yet. Such words are kept free
// because a query that uses one as a name would change its meaning later: with
// optional commas, `select foo like` could be a column or the start of a condition.
func isReserved(word string) bool {
	switch word {
	case "analyze", "over", "since", "until":
		return true
	}
	return false
}

// clauseWords are the keywords that begin a clause, for suggestions.
func clauseWords() []string {
	return []string{"select", "from", "logformat", "parse", "set", "where", "group", "having", "order", "rorder",
		"limit", "interval", "outfile"}
}

// Formats are the names that the logformat clause knows. Upper and lower case differ.
func Formats() []string {
	return []string{"auto", "default", "generic", "generickv", "csv", "tsv", "json", "logfmt", "combined", "common",
		"syslog", "klog", "cri", "docker", "regex"}
}

// keyword is the word as a keyword is spelt, or "" if it is none.
func keyword(word string) string {
	lower := strings.ToLower(word)
	if len(lower) != len(word) || !isKeyword(lower) { // some letters beyond ASCII have an ASCII lower case
		return ""
	}
	return lower
}
