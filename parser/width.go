package parser

import "unicode"

// width is the number of columns that a text takes on a terminal, near enough for
// a caret.
func width(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case isWide(r):
		return 2
	}
	return 1
}

// isWide knows the large blocks of East Asian letters and of emoji.
func isWide(r rune) bool {
	switch {
	case r < 0x1100:
		return false
	case r <= 0x115f, // Hangul Jamo
		0x2e80 <= r && r <= 0xa4cf && r != 0x303f, // CJK, Kana, Yi
		0xa960 <= r && r <= 0xa97f,                // Hangul Jamo
		0xac00 <= r && r <= 0xd7a3,                // Hangul
		0xf900 <= r && r <= 0xfaff,                // CJK compatibility
		0xfe30 <= r && r <= 0xfe6f,                // CJK compatibility forms
		0xff00 <= r && r <= 0xff60,                // full width
		0xffe0 <= r && r <= 0xffe6,                // full width signs
		0x1f300 <= r && r <= 0x1f64f,              // emoji
		0x1f680 <= r && r <= 0x1f6ff,              // emoji
		0x1f900 <= r && r <= 0x1f9ff,              // emoji
		0x20000 <= r && r <= 0x3fffd:              // CJK extensions
		return true
	}
	return false
}
