package parser

import (
	"strings"
	"unicode/utf8"
)

// Nearest is the known name that a wrong one was probably meant to be: one that
// differs in case only, or in one or two letters, or that it is the beginning of.
// It is "" when nothing is near.
func Nearest(name string, known []string) string {
	best, bestDistance := "", allowed(name)+1
	for _, k := range known {
		if d := distance(name, k, bestDistance); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	if best != "" || utf8.RuneCountInString(name) < 3 {
		return best
	}
	for _, k := range known {
		if strings.HasPrefix(strings.ToLower(k), strings.ToLower(name)) {
			return k
		}
	}
	return ""
}

// allowed is the greatest distance at which a name is taken for a misspelling.
// Two letters of a short name could be anything.
func allowed(name string) int {
	switch n := utf8.RuneCountInString(name); {
	case n < 2:
		return 0
	case n < 5:
		return 1
	}
	return 2
}

// distance is the number of letters to insert, delete, replace or swap with their
// neighbour to make b of a, upper and lower case being the same. It is limit if it
// is no less.
func distance(a, b string, limit int) int {
	if d := len(a) - len(b); max(d, -d) >= limit*utf8.UTFMax {
		return limit // whatever it is exactly: not to be computed for a name of 64 KiB
	}
	x, y := []rune(strings.ToLower(a)), []rune(strings.ToLower(b))
	// Row i has the distances between the first i letters of x and all beginnings of y.
	before, row, next := make([]int, len(y)+1), make([]int, len(y)+1), make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		next[0] = i + 1
		for j := range y {
			next[j+1] = min(row[j+1]+1, next[j]+1, row[j]+differ(x[i], y[j]))
			if i > 0 && j > 0 && x[i] == y[j-1] && x[i-1] == y[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row, next = row, next, before
	}
	return min(row[len(y)], limit)
}

func differ(a, b rune) int {
	if a == b {
		return 0
	}
	return 1
}
