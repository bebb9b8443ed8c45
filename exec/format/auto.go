package format

// newAuto is the parser of the format that the file is found to have. What a
// container has written is looked into once more: what is found in its messages
// comes before what the container's runtime has put around them.
func newAuto(spec Spec, fields []Field, head []byte) (Parser, error) {
	lines := firstLines(head)
	spec.Name = detect(lines)
	outer, err := New(spec, fields, head)
	if err != nil || spec.Name != "cri" && spec.Name != "docker" {
		return outer, err
	}
	p := &inside{}
	if p.messages, err = New(spec, append([]Field{{Name: "msg"}}, fields...), head); err != nil {
		return nil, err
	}
	inner := detectMessages(p.messages, lines)
	if inner == "generic" {
		return outer, nil
	}
	p.inner, err = New(Spec{Name: inner}, fields, nil)
	return p, err
}

// detectMessages tells in which format the messages in lines are.
func detectMessages(p Parser, lines [][]byte) string {
	var b Batch
	for _, line := range lines {
		from := len(b.Text)
		b.Text = append(b.Text, line...)
		b.Lines = append(b.Lines, Span{uint32(from), uint32(len(b.Text))})
	}
	p.Parse(&b)
	var messages [][]byte
	for _, s := range b.Fields[0] {
		if s.Len() > 0 {
			messages = append(messages, b.Text[s.Start:s.End])
		}
	}
	switch name := detect(messages); name {
	case "csv", "tsv", "cri", "docker": // a table's header comes once in a file
		return "generic"
	default:
		return name
	}
}

// inside is a format whose messages are of another. A message that is not as that
// prescribes is no malformed line: containers write all sorts of things.
type inside struct {
	messages Parser // gives the message, and then the fields
	inner    Parser
	b        Batch // the messages
}

func (p *inside) Parse(b *Batch) {
	p.messages.Parse(b)
	p.b.Text, p.b.Lines, p.b.Malformed = b.Text, p.b.Lines[:0], 0
	messages := b.Fields[0]
	for _, s := range messages {
		if s.IsNull() {
			s = Span{}
		}
		p.b.Lines = append(p.b.Lines, s)
	}
	p.inner.Parse(&p.b)
	b.Text = p.b.Text
	n := copy(b.Fields, b.Fields[1:])
	b.Fields[n] = messages // whose memory is used again
	b.Fields = b.Fields[:n]
	for f, cells := range p.b.Fields {
		for i, s := range cells {
			if !s.IsNull() {
				b.Fields[f][i] = s
			}
		}
	}
	p.b.Text = nil
}
