package format

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func jsonCases() []parseCase {
	return []parseCase{
		{"json", "json", "", "b a", `{"a":1,"b":"x"}` + "\n" + ` { "b" : true , "a" : null } ` + "\n", "x,1\ntrue,-\n", 0},
		{"json, numbers as written", "json", "", "a b c", `{"a":-1.50e+3,"b":0.1,"c":12345678901234567890}`, "-1.50e+3,0.1,12345678901234567890\n", 0},
		{"json, nested", "json", "", "http.status http http.x a.b.c", `{"http":{"status":200,"x":{"y":[1]}},"a":{"b":{"c":"d"}}}`,
			`200,{"status":200,"x":{"y":[1]}},{"y":[1]},d` + "\n", 0},
		{"json, keys with dots", "json", "", "http.status a.b.c", `{"http.status":200,"a":{"b.c":1}}` + "\n" + `{"a.b":{"c":2}}`, "200,1\n-,2\n", 0},
		{"json, arrays", "json", "", "a[0] a[1].b a[1].c[0][1] a[9] a", `{"a":["x",{"b":true,"c":[[1,2]]}]}`, `x,true,2,-,["x",{"b":true,"c":[[1,2]]}]` + "\n", 0},
		{"json, an index that is a key", "json", "", "a[0] a[x] [0]", `{"a[0]":1,"a[x]":2,"[0]":3}`, "1,2,3\n", 0},
		{"json, more steps than are split", "json", "", "a.a.a.a.a.a.a.a.a.b", `{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"a":{"b":1}}}}}}}}}}` + "\n" + `{"a.a.a.a.a.a.a.a.a.b":2}`, "1\n2\n", 0},
		{"json, escapes", "json", "", "a b", `{"a":"q\"s\\n\n\/\u00e9\ud83d\ude00","b":"\ud800\u12"}`, "q\"s\\n\n/é😀,\ufffd\\u12\n", 0},
		{"json, keys with escapes", "json", "", "ab c\"d é", `{"\u0061b":1,"c\"d":2,"\u00e9":3}`, "1,2,3\n", 0},
		{"json, long keys", "json", "", "abcdefghijk abcdefghijkl a", `{"abcdefghijkl":1,"abcdefghij":2,"abcdefghijk":3,"a":4}`, "3,1,4\n", 0},
		{"json, braces and quotes in texts", "json", "", "b", `{"x":"}\"{","y":{"z":"}]\\"},"a":["]"],"b":1}`, "1\n", 0},
		{"json, empty", "json", "", "a", "{}\n{ }\n" + `{"a":""}` + "\n" + `{"":1}` + "\n", "-\n-\n\n-\n", 0},
		{"json, first of two", "json", "", "a b", `{"a":1,"a":2,"b":{},"b":3}`, "1,{}\n", 0},
		{"json, variables", "json", "", "$time $date $hour $minute $second $severity $loglevel $x",
			`{"level":"info","ts":1,"time":"2026-11-20T10:11:12.5Z"}` + "\n" + `{"ts":"x","severity":"E","level":"error"}`,
			"2026-11-20T10:11:12.5Z,2026-11-20,10,11,12,info,info,-\nx,-,-,-,-,E,E,-\n", 0},
		{"json, time with an escape", "json", "", "$time $hour time", `{"time":"2026\/11\/20 10:11:12"}`, "2026/11/20 10:11:12,10,2026/11/20 10:11:12\n", 0},
		{"json, not well-formed", "json", "", "a b", strings.Join([]string{`{"a":1,"b":2`, `{"a":1,"b":"x`, `{"a":1,"b"`, `{"a":1 "b":2}`, `{"a":1,}`, `{"a":}`,
			`{"a":1}}`, `{"a":1} {"b":1}`, `{"a"`, `{"a`, `{`, ``, `x`, `[1]`, `{"a":{"b":1}`, `{"b":[1}`, `{"a":"\`, `{a:1}`, `{"a":1:2}`}, "\n") + "\n",
			"1,2\n1,-\n1,-\n1,-\n1,-\n-,-\n1,-\n1,-\n-,-\n-,-\n-,-\n-,-\n-,-\n-,-\n{\"b\":1},-\n-,[1}\n-,-\n-,-\n1,-\n", 19},
		{"json, DOS", "json", "", "a", "{\"a\":1}\r\n", "1\n", 0},
	}
}

// TestJSONOracle compares with encoding/json over random objects.
func TestJSONOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		object := jsonObjects(3).Draw(t, "object")
		text, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "indented") {
			text, _ = json.MarshalIndent(object, "", " ")
			text = []byte(strings.ReplaceAll(string(text), "\n", " \t"))
		}
		want := map[string]string{}
		flatten(want, "", object)
		var fields []Field
		for path := range want {
			fields = append(fields, Field{Name: path})
		}
		slices.SortFunc(fields, func(a, b Field) int { return strings.Compare(a.Name, b.Name) })
		n := rapid.IntRange(0, len(fields)).Draw(t, "wanted")
		checkJSON(t, text, fields[:n], want)
	})
}

// TestJSONPaths: whatever names a query has, the tree of what is wanted stays small.
func TestJSONPaths(t *testing.T) {
	long := strings.Repeat("a.", 30_000) + "b"
	checkPaths(t, []Field{{Name: long}, {Name: long + "[1]"}}, 1e6)
	var many []Field
	for i := range 2000 {
		many = append(many, Field{Name: fmt.Sprintf("k%d.a.b.c.d", i)})
	}
	checkPaths(t, many, 1e5)
}

func checkPaths(t *testing.T, fields []Field, most int) {
	p := newJSON(fields)
	n := 0
	nodes := []*jsonNode{&p.root}
	for ; len(nodes) > 0; n++ {
		node := nodes[len(nodes)-1]
		nodes = nodes[:len(nodes)-1]
		for i := range node.keys {
			nodes = append(nodes, &node.keys[i].want.in)
		}
		for i := range node.elements {
			nodes = append(nodes, &node.elements[i].want.in)
		}
	}
	if n < len(fields) || n > most {
		t.Errorf("%d nodes for %d fields", n, len(fields))
	}
}

// checkJSON looks for the fields in one object.
func checkJSON(t *rapid.T, text []byte, fields []Field, want map[string]string) {
	b := Batch{Text: slices.Clone(text), Lines: []Span{{0, uint32(len(text))}}}
	newJSON(fields).Parse(&b)
	if b.Malformed > 0 {
		t.Fatalf("%s is said to be malformed", text)
	}
	for f, field := range fields {
		got := "null"
		if s := b.Fields[f][0]; !s.IsNull() {
			got = "text " + string(b.Text[s.Start:s.End])
		}
		if got != want[field.Name] {
			t.Errorf("%s of %s: %q, want %q", field.Name, text, got, want[field.Name])
		}
	}
	cut := Batch{Text: slices.Clone(text), Lines: []Span{{0, uint32(len(text) - 1)}}}
	newJSON(fields).Parse(&cut)
	if cut.Malformed != 1 {
		t.Errorf("%s is said to be well-formed", text[:len(text)-1])
	}
}

// flatten gives every path of a value, and what stands there.
func flatten(to map[string]string, path string, v any) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			flatten(to, strings.TrimPrefix(path+"."+k, "."), x)
		}
	case []any:
		for i, x := range v {
			flatten(to, path+"["+strconv.Itoa(i)+"]", x)
		}
	case nil:
		to[path] = "null"
	case string:
		to[path] = "text " + v
	default:
		text, _ := json.Marshal(v)
		to[path] = "text " + string(text)
	}
}

// jsonObjects generates objects whose paths differ. The letter in front says
// which kind of thing a key is, so that a key with a dot is no path.
func jsonObjects(depth int) *rapid.Generator[map[string]any] {
	return rapid.Custom(func(t *rapid.T) map[string]any {
		object := map[string]any{}
		for i := range rapid.IntRange(0, 5).Draw(t, "members") {
			key := rapid.OneOf(rapid.StringMatching(`[a-z]{0,9}`), rapid.StringMatching(`[\\"/é😀\n<&]{0,3}`)).Draw(t, "key")
			object[fmt.Sprintf("%s%d", key, i)] = jsonValues(depth-1).Draw(t, "value")
		}
		return object
	})
}

func jsonValues(depth int) *rapid.Generator[any] {
	return rapid.Custom(func(t *rapid.T) any {
		kinds := 4
		if depth > 0 {
			kinds = 6
		}
		switch rapid.IntRange(0, kinds).Draw(t, "kind") {
		case 0:
			return nil
		case 1:
			return rapid.Bool().Draw(t, "bool")
		case 2:
			return rapid.Float64Range(-math.MaxFloat64, math.MaxFloat64).Draw(t, "number")
		case 3:
			return rapid.StringMatching(`[a-z\\"{}\[\]:,]{0,20}`).Draw(t, "text")
		case 4:
			return strings.ToValidUTF8(rapid.String().Draw(t, "any text"), "")
		case 5:
			return []any{jsonValues(depth-1).Draw(t, "first"), jsonValues(depth-1).Draw(t, "second")}
		}
		return jsonObjects(depth).Draw(t, "object")
	})
}
