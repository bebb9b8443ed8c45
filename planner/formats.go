package planner

import "slices"

// common are the variables that every line has, whatever its format.
func common() []string {
	return []string{"*", "$line", "$hostname", "$server", "$file", "$offset", "$lineno",
		"$empty", "$timezone", "$timeoffset"}
}

// variables are those that the format gives beside the common ones.
func variables(format string) []string {
	if format != "default" {
		return nil
	}
	return []string{"$severity", "$loglevel", "$time", "$date", "$hour", "$minute", "$second",
		"$pid", "$caller", "$cpus", "$goroutines", "$cgocalls", "$loadavg", "$uptime"}
}

// hasFields tells whether the format gives any named field.
func hasFields(format string) bool { return format != "generic" }

// IsCommon tells whether the engine gives the variable, whatever the format.
func IsCommon(name string) bool { return slices.Contains(common(), name) }
