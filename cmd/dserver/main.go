// Command dserver serves the logs of its host to dtail, dcat, dgrep and dmap.
package main

import (
	"os"

	"fantail/cmd/internal/cli"
)

func main() { os.Exit(cli.Main(cli.Dserver)) }
