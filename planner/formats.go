package planner

import (
	"slices"
	"strconv"
	"strings"

	"fantail/parser"
)

// common are the variables that every line has, whatever its format.
func common() []string {
	return []string{"*", "$line", "$hostname", "$server", "$file", "$offset", "$lineno",
		"$empty", "$timezone", "$timeoffset"}
}

// variables are those that the format gives beside the common ones.
func variables(format string) []string {
	times := []string{"$time", "$date", "$hour", "$minute", "$second"}
	switch format {
	case "generic":
		return nil
	case "combined", "common", "cri", "docker":
		return times
	case "default", "auto": // which may find default
		return append(times, "$severity", "$loglevel",
			"$pid", "$caller", "$cpus", "$goroutines", "$cgocalls", "$loadavg", "$uptime")
	}
	return append(times, "$severity", "$loglevel")
}

// fieldsOf are the fields that the lines of a query have, where its format says
// which; nil: any.
func fieldsOf(q *parser.Query, format string) []string {
	request := []string{"remote_addr", "ident", "user", "time_local", "request", "method", "path", "query", "protocol", "status", "bytes"}
	switch format {
	case "common":
		return append(request, "extra1")
	case "combined":
		return append(request, "referer", "user_agent", "extra1")
	case "syslog":
		return []string{"time", "facility", "severity", "host", "app", "procid", "msgid", "msg", "sd.ID.NAME"}
	case "klog":
		return []string{"severity", "time", "thread", "file", "msg"}
	case "cri":
		return []string{"time", "stream", "flag", "msg"}
	case "docker":
		return []string{"time", "stream", "msg"}
	case "regex":
		return q.Groups()
	}
	return nil
}

// isField tells whether a name is one of a series that the format gives.
func isField(format, name string) bool {
	switch format {
	case "common", "combined":
		digits, ok := strings.CutPrefix(name, "extra")
		n, err := strconv.Atoi(digits)
		return ok && err == nil && n > 0 && n < 100 && digits[0] != '0' && digits[0] != '+'
	case "syslog":
		path, ok := strings.CutPrefix(name, "sd.")
		return ok && strings.Contains(path, ".")
	}
	return false
}

// hasFields tells whether the format gives any named field.
func hasFields(format string) bool { return format != "generic" }

// IsCommon tells whether the engine gives the variable, whatever the format.
func IsCommon(name string) bool { return slices.Contains(common(), name) }
