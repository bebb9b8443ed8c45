// Command dgrep: see dgrep -help.
package main

import (
	"os"

	"fantail/cmd/internal/cli"
)

func main() { os.Exit(cli.Main(cli.Dgrep)) }
