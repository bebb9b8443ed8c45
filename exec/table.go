package exec

import (
	"bytes"
	"hash/maphash"
)

// table numbers group keys from 0 in the order in which they are first seen.
//
// It is open addressing over keys in one arena; a built-in map needs a string,
// and so an allocation, for each key.
type table struct {
	seed   maphash.Seed
	slots  []int32  // index of the key plus one; 0: free
	hashes []uint32 // of key i
	ends   []int    // of key i in arena
	arena  []byte
}

func newTable() *table {
	return &table{seed: maphash.MakeSeed(), slots: make([]int32, 64)}
}

func (t *table) len() int { return len(t.ends) }

func (t *table) key(i int32) []byte {
	from := 0
	if i > 0 {
		from = t.ends[i-1]
	}
	return t.arena[from:t.ends[i]]
}

// id is the number of a key.
func (t *table) id(key []byte) int32 {
	hash := uint32(maphash.Bytes(t.seed, key))
	mask := uint32(len(t.slots) - 1)
	for at := hash & mask; ; at = (at + 1) & mask {
		slot := t.slots[at]
		if slot == 0 {
			return t.insert(key, hash, at)
		}
		if i := slot - 1; t.hashes[i] == hash && bytes.Equal(t.key(i), key) {
			return i
		}
	}
}

// find is the number of a key, if it has one.
func (t *table) find(key []byte) (i int32, ok bool) {
	hash := uint32(maphash.Bytes(t.seed, key))
	mask := uint32(len(t.slots) - 1)
	for at := hash & mask; t.slots[at] != 0; at = (at + 1) & mask {
		if i := t.slots[at] - 1; t.hashes[i] == hash && bytes.Equal(t.key(i), key) {
			return i, true
		}
	}
	return 0, false
}

func (t *table) insert(key []byte, hash, at uint32) int32 {
	t.arena = append(t.arena, key...)
	t.ends = append(t.ends, len(t.arena))
	t.hashes = append(t.hashes, hash)
	t.slots[at] = int32(len(t.ends))
	if 2*len(t.ends) > len(t.slots) {
		t.grow()
	}
	return int32(len(t.ends) - 1)
}

func (t *table) grow() {
	t.slots = make([]int32, 2*len(t.slots))
	mask := uint32(len(t.slots) - 1)
	for i, hash := range t.hashes {
		at := hash & mask
		for t.slots[at] != 0 {
			at = (at + 1) & mask
		}
		t.slots[at] = int32(i + 1)
	}
}

// reset forgets every key and keeps the memory.
func (t *table) reset() {
	clear(t.slots)
	t.hashes, t.ends, t.arena = t.hashes[:0], t.ends[:0], t.arena[:0]
}
