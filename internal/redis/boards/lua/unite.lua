-- Put before the scripts that need the union of a window's days.

-- unite makes a union that is not there: {board, days, previous, left}. Where there is
-- that of the day before, it is that one without the day that leaves and with the one
-- that enters: three sets instead of thirty.
local function unite(kind, union, seconds, register)
  local board, previous = kind .. union.board, kind .. union.previous
  if redis.call('EXISTS', board) == 1 then return end
  if redis.call('EXISTS', previous) == 1 then
    redis.call('ZUNIONSTORE', board, 3, previous, kind .. 'day:' .. union.left, kind .. 'day:' .. union.days[1],
      'WEIGHTS', 1, -1, 1)
    -- Scores are negated points: what is left with none goes.
    redis.call('ZREMRANGEBYSCORE', board, 0, '+inf')
  else
    local sets = {}
    for i, day in ipairs(union.days) do sets[i] = kind .. 'day:' .. day end
    redis.call('ZUNIONSTORE', board, #sets, unpack(sets))
  end
  if redis.call('EXPIRE', board, seconds) == 1 then register(board) end
end

