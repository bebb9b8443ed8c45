package exec

import (
	"testing"
)

const statsLog = `INFO|20261120-101112|1|stats.go:1|2|25|7|4.87|59m|MAPREDUCE:STATS|host=a|latency=10|bytes=100
INFO|20261120-111112|1|stats.go:1|2|25|7|4.87|59m|MAPREDUCE:STATS|host=b|latency=2.5
INFO|20261120-111113|1|stats.go:1|2|25|7|4.87|59m|MAPREDUCE:OTHER|host=c|latency=99
INFO|20261120-121112|1|stats.go:1|2|25|7|4.87|59m|MAPREDUCE:STATS|host=a|latency=0.3|bytes=-7
not a statistics line
INFO|20261120-121113|1|stats.go:1|2|25|7|4.87|59m|MAPREDUCE:STATS|latency=NaN|bytes=1
`

func TestQueries(t *testing.T) {
	tests := []struct{ query, want string }{
		{"select count($line) from stats", "4\n"},
		{"select count($line), sum(latency), avg(latency), min(latency), max(latency) from stats", "4,12.8,4.266666666666667,0.3,10\n"},
		{"select host, count($line), sum(bytes) from stats group by host", "a,2,93\nb,1,null\nnull,1,1\n"},
		{"select host, count(*) from stats", "a,2\nb,1\nnull,1\n"},
		{"select count(*) from stats group by host order by count(*)", "a,2\nb,1\nnull,1\n"},
		{"select host, count(*) as n from stats where host is not null rorder by n", "b,1\na,2\n"},
		{"select host, last(bytes) from stats group by host", "a,-7\nb,null\nnull,1\n"},
		{"select host, bytes from stats group by host", "a,-7\nb,null\nnull,1\n"},
		{"select len(latency) from stats", "3\n"},
		{"select host, latency from stats where latency > 1", "a,10\nb,2.5\n"},
		{"select latency from stats where not (latency > 1)", "0.3\n"},
		{"select $hour, count(*) from stats group by $hour", "10,1\n11,1\n12,2\n"},
		{"select $hostname, md5sum(host) from stats where host eq \"a\" limit 1", "web1,0cc175b9c0f1b6a831c399e269772661\n"},
		{"select $m, count(*) from stats set $m = maskdigits(latency) group by $m", "..,1\n...,2\nNaN,1\n"},
		{"select host, sum(latency) from stats group by host having sum(latency) > 3", "a,10.3\n"},
		{"select host, latency from stats where host is not null order by latency desc", "a,10\nb,2.5\na,0.3\n"},
		{"select count($line) where $line contains \"MAPREDUCE\"", "5\n"},
		{"select count($line) where $line =~ \"=b|OTHER\"", "2\n"},
		{"select $lineno, $offset where $line =~ \"not a\"", "5,357\n"},
		{"select count(*) from stats where host eq \"nobody\"", "0\n"},
		{"select host, count(*) from stats where host eq \"nobody\" group by host", ""},
		{"select count(*) from stats limit 0", ""},
	}
	for _, tt := range tests {
		if got := query(t, tt.query, memFile{"a.log", statsLog}); got != tt.want {
			t.Errorf("%s\n got %q\nwant %q", tt.query, got, tt.want)
		}
	}
}
