package exec

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"
)

// sqliteExpr writes random expressions over the columns of sqliteTable that this
// language and SQLite both have and mean the same by: a and b hold whole numbers
// or nothing, s and u texts that are no numbers or nothing.
type sqliteExpr struct{ r *rand.Rand }

func (g sqliteExpr) pick(of ...string) string { return of[g.r.IntN(len(of))] }

func (g sqliteExpr) number(depth int) string {
	if depth == 0 {
		return g.pick("a", "b", "a", "b", "0", "1", "7", "-3", "null")
	}
	n := func() string { return g.number(depth - 1) }
	switch g.r.IntN(9) {
	case 0:
		return "length(" + g.text(depth-1) + ")"
	case 1:
		return "case when " + g.cond(depth-1) + " then " + n() + " else " + n() + " end"
	case 2:
		return "case " + n() + " when " + n() + " then " + n() + " end"
	case 3:
		return "coalesce(" + n() + ", " + n() + ")"
	case 4:
		return "nullif(" + n() + ", " + n() + ")"
	case 5:
		return "abs(" + n() + ")"
	case 6:
		return "- (" + n() + ")"
	}
	return "(" + n() + " " + g.pick("+", "-", "*", "%") + " " + n() + ")"
}

func (g sqliteExpr) text(depth int) string {
	if depth == 0 {
		return g.pick("s", "u", "s", "u", "'x'", "'größe'", "''")
	}
	x := func() string { return g.text(depth - 1) }
	switch g.r.IntN(8) {
	case 0:
		return "(" + x() + " || " + x() + ")"
	case 1:
		return fmt.Sprintf("substr(%s, %d, %d)", x(), g.r.IntN(9)-4, g.r.IntN(5))
	case 2:
		return fmt.Sprintf("substr(%s, %d)", x(), g.r.IntN(9)-4)
	case 3:
		return "replace(" + x() + ", " + x() + ", coalesce(" + x() + ", ''))" // to SQLite null is no null here where there is nothing to replace
	case 4:
		return "case when " + g.cond(depth-1) + " then " + x() + " end"
	case 5:
		return "coalesce(" + x() + ", " + x() + ")"
	case 6:
		return "trim(" + x() + ", 'x')"
	}
	return "nullif(" + x() + ", " + x() + ")"
}

func (g sqliteExpr) cond(depth int) string {
	n := func() string { return g.number(max(depth-1, 0)) }
	x := func() string { return g.text(max(depth-1, 0)) }
	kinds := 6
	if depth > 0 {
		kinds = 9
	}
	not := g.pick("", "not ")
	switch g.r.IntN(kinds) {
	case 0:
		return "(" + n() + " " + g.pick("=", "<>", "<", "<=", ">", ">=") + " " + n() + ")"
	case 1:
		return "(" + x() + " " + g.pick("=", "<>", "<", "<=", ">", ">=") + " " + x() + ")"
	case 2:
		return "(" + n() + " " + not + "between " + n() + " and " + n() + ")"
	case 3:
		return "(" + n() + " " + not + "in (" + n() + ", " + n() + ", " + n() + "))"
	case 4:
		return "(" + x() + " " + not + "like " + g.pick("'%x%'", "'_'", "'x_%'", "'%ß%'", "'x'", "'%'", "'gr__e'") + ")"
	case 5:
		return "(" + g.pick(n(), x()) + " is " + not + "null)"
	case 6:
		return "(not " + g.cond(depth-1) + ")"
	}
	return "(" + g.cond(depth-1) + " " + g.pick("and", "or") + " " + g.cond(depth-1) + ")"
}

// sqliteTable is a table as generickv lines and as SQL.
func sqliteTable(r *rand.Rand, rows int) (log, sql string) {
	var lines, inserts strings.Builder
	inserts.WriteString("create table t(id, a, b, s, u);\n")
	for id := range rows {
		fmt.Fprintf(&lines, "id=%d", id)
		fmt.Fprintf(&inserts, "insert into t values(%d", id)
		for k, values := range [][]string{{"0", "1", "-3", "7", "100"}, {"2", "0", "-1", "41"}, {"x", "größe", "XX", "a b", "日本", "", "x%y"}, {"x", "xx", "größe", "z"}} {
			value := values[r.IntN(len(values))]
			switch name := "absu"[k : k+1]; {
			case r.IntN(4) == 0:
				inserts.WriteString(",null")
			case k < 2:
				fmt.Fprintf(&lines, "|%s=%s", name, value)
				inserts.WriteString("," + value)
			default:
				fmt.Fprintf(&lines, "|%s=%s", name, value)
				inserts.WriteString(",'" + value + "'")
			}
		}
		lines.WriteByte('\n')
		inserts.WriteString(");\n")
	}
	return lines.String(), inserts.String()
}

// TestSQLite asks SQLite the same.
func TestSQLite(t *testing.T) {
	program, err := exec.LookPath("sqlite3")
	if err != nil {
		t.Skip("needs the program sqlite3")
	}
	r := rand.New(rand.NewPCG(7, 7))
	log, tables := sqliteTable(r, 40)
	g := sqliteExpr{r}
	var asked []string
	script := ".nullvalue null\n.separator ,\npragma case_sensitive_like = 1;\n" + tables
	ask := func(text, sql string) {
		asked = append(asked, text)
		script += "select '#';\n" + sql + ";\n"
	}
	for range rounds(250) {
		number, text, where := g.number(1+r.IntN(3)), g.text(1+r.IntN(3)), g.cond(r.IntN(4))
		ask("select id, "+number+" as n, "+text+" as x from * logformat generickv where "+where+" order by id asc",
			"select id, "+number+", "+text+" from t where "+where+" order by id")
		ask("select coalesce("+text+", '') as k, count(*), count("+number+") as c, count(distinct "+text+") as d, sum("+number+") as n, max(a) filter (where "+where+") as m from * logformat generickv group by coalesce("+text+", '')",
			"select coalesce("+text+", '') as k, count(*), count("+number+"), count(distinct "+text+"), sum("+number+"), max(a) filter (where "+where+") from t group by k order by k")
		ask("select string_agg("+text+", '; ') as x, count(distinct "+number+") as n from * logformat generickv where "+where,
			"select group_concat("+text+", '; '), count(distinct "+number+") from t where "+where)
		ask("select distinct s, b from * logformat generickv where "+where+" order by s asc, b asc limit 5 offset 2",
			"select distinct s, b from t where "+where+" order by s nulls last, b nulls last limit 5 offset 2")
	}
	cmd := exec.Command(program, "-batch", ":memory:")
	cmd.Stdin = strings.NewReader(script)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaints.String())
	}
	answers := strings.Split(string(out), "#\n")[1:]
	if len(answers) != len(asked) {
		t.Fatalf("%d answers to %d questions: %s", len(answers), len(asked), complaints.String())
	}
	failed := 0
	for i, text := range asked {
		if got := query(t, text, memFile{"a.log", log}); got != answers[i] {
			t.Errorf("%s\n got %q\nsqlite3 %q", text, got, answers[i])
			if failed++; failed > 3 {
				t.FailNow()
			}
		}
	}
}
