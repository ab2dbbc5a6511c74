package redis

import (
	"embed"

	goredis "github.com/redis/go-redis/v9"
)

//go:embed lua/*.lua
var luaFiles embed.FS

// script reads embedded files as one script. A missing one is a mistake in this package.
func script(names ...string) *goredis.Script {
	var source []byte
	for _, name := range names {
		raw, err := luaFiles.ReadFile("lua/" + name + ".lua")
		if err != nil {
			panic(err)
		}
		source = append(source, raw...)
	}
	return goredis.NewScript(string(source))
}

// The scripts. Each is one atomic step and one round trip; what it reads, writes and
// answers is said at its head.
var (
	topScript    = script("unite", "rise", "top")
	placeScript  = script("place")
	claimScript  = script("claim")
	settleScript = script("settle")
	tendScript   = script("unite", "rise", "tend")
	beginScript  = script("begin")
	finishScript = script("finish")
	recordScript = script("record")
	searchScript = script("search")
	queueScript  = script("queue")
	limitScript  = script("limit")
)
