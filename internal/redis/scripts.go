package redis

import (
	"embed"

	goredis "github.com/redis/go-redis/v9"
)

//go:embed lua/*.lua
var luaFiles embed.FS

// script reads an embedded script. A missing one is a mistake in this package.
func script(name string) *goredis.Script {
	raw, err := luaFiles.ReadFile("lua/" + name + ".lua")
	if err != nil {
		panic(err)
	}
	return goredis.NewScript(string(raw))
}

// The scripts. Each is one atomic step and one round trip; what it reads, writes and
// answers is said at its head.
var (
	topScript    = script("top")
	placeScript  = script("place")
	claimScript  = script("claim")
	settleScript = script("settle")
	tendScript   = script("tend")
	beginScript  = script("begin")
	finishScript = script("finish")
	recordScript = script("record")
	queueScript  = script("queue")
)
