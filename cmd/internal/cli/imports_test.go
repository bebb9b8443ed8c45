package cli_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// rule is what a package may import, beside the standard library.
type rule struct {
	ours   string // packages of this module
	theirs string // modules of others
	never  string // of the standard library
}

// importRules are the picture in docs/architecture.md.
func importRules() map[string]rule {
	pure := "os os/exec net net/http io/ioutil syscall"
	return map[string]rule{
		"parser":           {theirs: "github.com/alecthomas/participle/v2", never: pure},
		"planner":          {ours: "parser", never: pure},
		"exec/format":      {never: pure},
		"exec":             {ours: "planner exec/format", never: pure},
		"exec/follow":      {ours: "exec", theirs: "github.com/klauspost/compress github.com/cespare/xxhash/v2 golang.org/x/sys", never: "net net/http os/exec"},
		"exec/wire":        {ours: "exec planner", theirs: "github.com/klauspost/compress", never: pure},
		"server":           {ours: "parser planner exec exec/follow exec/wire", theirs: "golang.org/x/crypto"},
		"client":           {ours: "parser planner exec exec/follow exec/wire", theirs: "golang.org/x/crypto github.com/olekukonko/tablewriter"},
		"cmd/internal/cli": {ours: "parser planner exec exec/follow exec/wire server client", theirs: "golang.org/x/crypto golang.org/x/term"},
		"cmd/dmap":         {ours: "cmd/internal/cli"},
		"cmd/dtail":        {ours: "cmd/internal/cli"},
		"cmd/dgrep":        {ours: "cmd/internal/cli"},
		"cmd/dcat":         {ours: "cmd/internal/cli"},
		"cmd/dserver":      {ours: "cmd/internal/cli"},
		"cmd/dtailhealth":  {ours: "cmd/internal/cli"},
		"cmd/e2e":          {}, // tests only
	}
}

// farRules are packages that must not be reached over others either.
func farRules() map[string]string {
	return map[string]string{
		"parser":      "planner exec server client",
		"planner":     "exec server client",
		"exec/format": "parser planner exec server client",
		"exec":        "exec/follow exec/wire server client golang.org/x/crypto",
		"exec/follow": "exec/wire server client golang.org/x/crypto",
		"exec/wire":   "exec/follow server client golang.org/x/crypto",
		"server":      "client github.com/olekukonko/tablewriter",
		"client":      "server",
	}
}

const module = "fantail"

// goPackage is what go list says.
type goPackage struct {
	ImportPath string
	Standard   bool
	Imports    []string
	Deps       []string
	Module     *struct{ Path string }
}

// listPackages gives all packages of this module, and those that they need.
func listPackages(t *testing.T) map[string]goPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard,Imports,Deps,Module", "./...")
	cmd.Dir = root(t)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	packages := map[string]goPackage{}
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p goPackage
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages
		}
		if err != nil {
			t.Fatal(err)
		}
		packages[p.ImportPath] = p
	}
}

// root is the module's folder.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestImportRules(t *testing.T) {
	packages := listPackages(t)
	rules := importRules()
	for path, p := range packages {
		name, ours := strings.CutPrefix(path, module+"/")
		if !ours {
			continue
		}
		rule, known := rules[name]
		if !known {
			t.Errorf("package %s has no rule", name)
		}
		for _, imported := range p.Imports {
			if why := rule.forbids(packages[imported]); why != "" {
				t.Errorf("%s imports %s: %s", name, imported, why)
			}
		}
	}
	for name := range rules {
		if _, ok := packages[module+"/"+name]; !ok {
			t.Errorf("there is no package %s", name)
		}
	}
}

// forbids gives the reason, or "".
func (r rule) forbids(p goPackage) string {
	name, ours := strings.CutPrefix(p.ImportPath, module+"/")
	switch {
	case ours && !slices.Contains(strings.Fields(r.ours), name):
		return "that is not below it"
	case ours:
		return ""
	case p.Standard && slices.Contains(strings.Fields(r.never), p.ImportPath):
		return "what it does comes in through interfaces"
	case p.Standard:
		return ""
	case p.Module == nil || !slices.Contains(strings.Fields(r.theirs), p.Module.Path):
		return "that module is not for it"
	}
	return ""
}

func TestFarImports(t *testing.T) {
	packages := listPackages(t)
	for name, list := range farRules() {
		for _, dep := range packages[module+"/"+name].Deps {
			p := packages[dep]
			for _, banned := range strings.Fields(list) {
				if dep == module+"/"+banned || p.Module != nil && p.Module.Path == banned {
					t.Errorf("%s reaches %s", name, dep)
				}
			}
		}
	}
}

func folders() []string {
	return strings.Fields(".ci cmd parser planner exec server client docs testdata")
}

// TestFolders keeps the top of the tree what the picture shows.
func TestFolders(t *testing.T) {
	entries, err := os.ReadDir(root(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if e.IsDir() && e.Name()[0] != '.' && !slices.Contains(folders(), e.Name()) {
			t.Errorf("what is the folder %s for?", e.Name())
		}
	}
}

// goFiles gives the paths of all Go files, from the module's folder.
func goFiles(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(root(t), func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && (e.Name() == "testdata" || e.Name()[0] == '.') {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, ".go") {
			rel, err := filepath.Rel(root(t), path)
			files = append(files, filepath.ToSlash(rel))
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 100 {
		t.Fatalf("found only %d Go files", len(files))
	}
	return files
}

func TestFileLengths(t *testing.T) {
	for _, path := range goFiles(t) {
		text, err := os.ReadFile(filepath.Join(root(t), path))
		if errors.Is(err, fs.ErrNotExist) {
			continue // an editor's
		}
		if err != nil {
			t.Fatal(err)
		}
		limit := 600
		if filepath.Base(path) == "main.go" {
			limit = 30
		}
		if n := strings.Count(string(text), "\n"); n > limit {
			t.Errorf("%s has %d lines, more than %d", path, n, limit)
		}
	}
}

// variables are the only package-level variables beside errors.New, and why they
// may be: nobody changes them.
func variables() map[string]string {
	return map[string]string{
		"exec/number.go powers":          "a table that the language has no constants for",
		"exec/follow/family.go suffix":   "a compiled expression",
		"exec/follow/mark.go newline":    "a slice of one byte, to call package bytes with",
		"exec/follow/contents.go magics": "a table that the language has no constants for",
		"parser/grammar.go queryParser":  "a sync.OnceValue: participle builds the grammar by reflection, once",
	}
}

// TestNoGlobalState finds init functions and package-level variables.
func TestNoGlobalState(t *testing.T) {
	known := variables()
	for _, path := range goFiles(t) {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root(t), path), nil, parser.SkipObjectResolution)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range globals(file) {
			if known[path+" "+name] == "" {
				t.Errorf("%s: %s is state of the package", path, name)
			}
			delete(known, path+" "+name)
		}
	}
	for name := range known {
		t.Errorf("%s is not there any more", name)
	}
}

// globals are a file's init functions, and variables that are no errors.
func globals(file *ast.File) []string {
	var names []string
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Name.Name == "init" {
				names = append(names, "init")
			}
		case *ast.GenDecl:
			if d.Tok != token.VAR {
				continue
			}
			for _, s := range d.Specs {
				v := s.(*ast.ValueSpec)
				for i, n := range v.Names {
					if n.Name != "_" && !(i < len(v.Values) && isErrorsNew(v.Values[i])) {
						names = append(names, n.Name)
					}
				}
			}
		}
	}
	return names
}

func isErrorsNew(e ast.Expr) bool {
	call, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := f.X.(*ast.Ident)
	return ok && x.Name == "errors" && f.Sel.Name == "New"
}

// declare adds what a file declares, as package.Name, package.Type.Field and
// package.Type.Method.
func declare(t *testing.T, path string, names map[string]bool) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root(t), path), nil, parser.SkipObjectResolution)
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	pkg := file.Name.Name + "."
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			names[pkg+receiver(d)+d.Name.Name] = true
		case *ast.GenDecl:
			for _, s := range d.Specs {
				declareSpec(pkg, s, names)
			}
		}
	}
}

// receiver is "Type." of a method.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	e := d.Recv.List[0].Type
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	if id, ok := e.(*ast.Ident); ok {
		return id.Name + "."
	}
	return ""
}

func declareSpec(pkg string, s ast.Spec, names map[string]bool) {
	switch s := s.(type) {
	case *ast.ValueSpec:
		for _, n := range s.Names {
			names[pkg+n.Name] = true
		}
	case *ast.TypeSpec:
		names[pkg+s.Name.Name] = true
		var fields *ast.FieldList
		switch u := s.Type.(type) {
		case *ast.StructType:
			fields = u.Fields
		case *ast.InterfaceType:
			fields = u.Methods
		}
		if fields == nil {
			return
		}
		for _, f := range fields.List {
			for _, n := range f.Names {
				names[pkg+s.Name.Name+"."+n.Name] = true
			}
		}
	}
}
