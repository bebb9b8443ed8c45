// Command dcat: see dcat -help.
package main

import (
	"os"

	"fantail/cmd/internal/cli"
)

func main() { os.Exit(cli.Main(cli.Dcat)) }
