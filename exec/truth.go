package exec

// truth is SQL's three-valued logic.
type truth uint8

const (
	no truth = iota
	unknown
	yes
)

func truthOf(b bool) truth {
	if b {
		return yes
	}
	return no
}

// The order no < unknown < yes makes and the minimum, or the maximum, and not
// the mirror image.

func (t truth) and(u truth) truth { return min(t, u) }
func (t truth) or(u truth) truth  { return max(t, u) }
func (t truth) not() truth        { return yes - t }
