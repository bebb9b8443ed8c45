package exec

import (
	"encoding/binary"
	"errors"
)

// AppendCell appends one value of a row or a group key: its length plus one as a
// uvarint and its bytes, or, for a null, a zero byte. So neither a separator nor
// an empty value can be mistaken for another.
func AppendCell(dst, value []byte, null bool) []byte {
	if null {
		return append(dst, 0)
	}
	dst = binary.AppendUvarint(dst, uint64(len(value))+1)
	return append(dst, value...)
}

var errCell = errors.New("malformed cell")

// CutCell cuts the first value off cells.
func CutCell(cells []byte) (value, rest []byte, null bool, err error) {
	n, k := binary.Uvarint(cells)
	switch {
	case k <= 0 || n > 0 && n-1 > uint64(len(cells)-k):
		return nil, nil, false, errCell
	case n == 0:
		return nil, cells[k:], true, nil
	}
	return cells[k : k+int(n-1)], cells[k+int(n-1):], false, nil
}
