// Command dtailhealth tells a monitoring system whether a dserver is well.
package main

import (
	"os"

	"fantail/cmd/internal/cli"
)

func main() { os.Exit(cli.Main(cli.Dtailhealth)) }
