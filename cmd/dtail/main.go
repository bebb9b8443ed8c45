// Command dtail: see dtail -help.
package main

import (
	"os"

	"fantail/cmd/internal/cli"
)

func main() { os.Exit(cli.Main(cli.Dtail)) }
