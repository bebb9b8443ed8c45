package exec

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"strconv"
	"unicode"
	"unicode/utf8"
)

// md5sum is the MD5 sum (RFC 1321) in hexadecimal.
func md5sum(dst []byte, args [][]byte) ([]byte, bool) {
	sum := md5.Sum(args[0])
	return hex.AppendEncode(dst, sum[:]), true
}

// hash is a number from 0 to 2^63-1: FNV-1a, whose bits are mixed once more, as
// the low ones are what % takes.
func hash(dst []byte, args [][]byte) ([]byte, bool) {
	return strconv.AppendUint(dst, hash64(args[0])>>1, 10), true
}

func hash64(text []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, c := range text {
		h = (h ^ uint64(c)) * 1099511628211
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// maskDigits replaces every decimal digit by a dot.
func maskDigits(dst []byte, args [][]byte) ([]byte, bool) {
	for _, c := range args[0] {
		if c >= '0' && c <= '9' {
			c = '.'
		}
		dst = append(dst, c)
	}
	return dst, true
}

func lower(dst []byte, args [][]byte) ([]byte, bool) {
	return mapRunes(dst, args[0], unicode.ToLower), true
}

func upper(dst []byte, args [][]byte) ([]byte, bool) {
	return mapRunes(dst, args[0], unicode.ToUpper), true
}

// mapRunes leaves bytes that are not UTF-8 as they are.
func mapRunes(dst, s []byte, f func(rune) rune) []byte {
	for len(s) > 0 {
		r, n := utf8.DecodeRune(s)
		if r == utf8.RuneError && n == 1 {
			dst = append(dst, s[0])
		} else {
			dst = utf8.AppendRune(dst, f(r))
		}
		s = s[n:]
	}
	return dst
}

// trim removes blanks, or the characters that the second argument has.
func trim(dst []byte, args [][]byte) ([]byte, bool) {
	s := args[0]
	if len(args) == 1 {
		return append(dst, bytes.TrimSpace(s)...), true
	}
	for len(s) > 0 {
		_, n := utf8.DecodeRune(s)
		if !bytes.Contains(args[1], s[:n]) {
			break
		}
		s = s[n:]
	}
	for len(s) > 0 {
		_, n := utf8.DecodeLastRune(s)
		if !bytes.Contains(args[1], s[len(s)-n:]) {
			break
		}
		s = s[:len(s)-n]
	}
	return append(dst, s...), true
}

// length is in characters.
func length(dst []byte, args [][]byte) ([]byte, bool) {
	return strconv.AppendInt(dst, int64(utf8.RuneCount(args[0])), 10), true
}

// wholeNumber is an argument that must be a number, without its fraction.
func wholeNumber(s []byte) (int64, bool) {
	n := parseNumber(s).whole(0, truncate)
	mant, ok := n.scaled(0)
	return mant, n.ok && ok
}

// substr counts characters from 1, or with a negative start from the end. What
// lies outside of the text is left out.
func substr(dst []byte, args [][]byte) ([]byte, bool) {
	count := int64(utf8.RuneCount(args[0]))
	start, ok := wholeNumber(args[1])
	if start < 0 {
		start += count + 1
	}
	start = min(start-1, count)
	end := count
	if len(args) > 2 {
		n, isNumber := wholeNumber(args[2])
		ok = ok && isNumber
		end = start + min(max(n, 0), count-start)
	}
	if !ok {
		return dst, false
	}
	s := skipRunes(args[0], start)
	rest := skipRunes(s, end-max(start, 0))
	return append(dst, s[:len(s)-len(rest)]...), true
}

func skipRunes(s []byte, n int64) []byte {
	for ; n > 0 && len(s) > 0; n-- {
		_, size := utf8.DecodeRune(s)
		s = s[size:]
	}
	return s
}

// replace replaces every occurrence. That of nothing changes nothing.
func replace(dst []byte, args [][]byte) ([]byte, bool) {
	s, from := args[0], args[1]
	for len(from) > 0 {
		i := bytes.Index(s, from)
		if i < 0 {
			break
		}
		dst = append(append(dst, s[:i]...), args[2]...)
		s = s[i+len(from):]
	}
	return append(dst, s...), true
}

// splitPart is the nth part between separators, or with a negative n from the
// end; empty where there is none.
func splitPart(dst []byte, args [][]byte) ([]byte, bool) {
	s, sep := args[0], args[1]
	n, ok := wholeNumber(args[2])
	if !ok || n == 0 {
		return dst, false
	}
	parts := int64(1)
	if len(sep) > 0 {
		parts += int64(bytes.Count(s, sep))
	}
	if n < 0 {
		n += parts + 1
	}
	if n < 1 || n > parts {
		return dst, true
	}
	for ; n > 1; n-- {
		s = s[bytes.Index(s, sep)+len(sep):]
	}
	if len(sep) > 0 {
		if i := bytes.Index(s, sep); i >= 0 {
			s = s[:i]
		}
	}
	return append(dst, s...), true
}
