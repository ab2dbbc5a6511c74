-- Put after unite.lua and before the scripts that need the board of what rises.

-- rise makes the board of what rises, unless it was made a short while ago: {board, week,
-- month, curve, most, milliseconds}. It looks at the hottest items of the week only, so
-- that it takes a bounded time. The arithmetic is that of catalog.RisingCurve.Score.
local function rise(kind, made, seconds, register)
  local call = redis.call
  local board = kind .. made.board
  local mark = board .. ':made' -- nothing may rise, and that is known, too
  if call('EXISTS', mark) == 1 then return end
  unite(kind, made.week, seconds, register)
  unite(kind, made.month, seconds, register)
  call('DEL', board)
  local c = made.curve
  -- Scores are negated points.
  local found = call('ZRANGEBYSCORE', kind .. made.week.board, '-inf', -c.least, 'WITHSCORES', 'LIMIT', 0, made.most)
  local rising = {}
  local function flush()
    if #rising > 0 then call('ZADD', board, unpack(rising)) end
    rising = {}
  end
  for i = 1, #found, 2 do
    local week = -tonumber(found[i + 1])
    local month = -tonumber(call('ZSCORE', kind .. made.month.board, found[i]) or -week)
    local recent, usual = week / c.spread, math.max(month - week, c.usual) / c.spread
    local n = recent + usual
    local share, zz = recent / n, c.z * c.z
    local root = math.sqrt((share * (1 - share) + zz / (4 * n)) / n)
    local low = (share + zz / (2 * n) - c.z * root) / (1 + zz / n)
    local growth = low / (1 - low) * c.odds
    if growth > 1 then
      rising[#rising + 1] = string.format('%.17g', -growth)
      rising[#rising + 1] = found[i]
      if #rising >= 1000 then flush() end
    end
  end
  flush()
  call('SET', mark, '', 'PX', made.milliseconds)
  call('PEXPIRE', board, made.milliseconds)
  register(board)
  register(mark)
end

