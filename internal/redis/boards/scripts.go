package boards

import (
	"embed"

	"github.com/xunke/xunke/internal/redis"
)

//go:embed lua/*.lua
var luaFiles embed.FS

// The scripts.
var (
	topScript    = redis.Script(luaFiles, "unite", "rise", "top")
	placeScript  = redis.Script(luaFiles, "place")
	claimScript  = redis.Script(luaFiles, "claim")
	settleScript = redis.Script(luaFiles, "settle")
	tendScript   = redis.Script(luaFiles, "unite", "rise", "tend")
	beginScript  = redis.Script(luaFiles, "begin")
	finishScript = redis.Script(luaFiles, "finish")
)
