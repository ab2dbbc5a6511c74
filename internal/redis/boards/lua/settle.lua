-- Writes entries into the boards: from the follower into every generation that takes
-- writes, from a rebuild into the one that it fills. Atomic, and without effect when it
-- is repeated: scores are set, and an older entry never replaces a newer one.
--
-- KEYS[1]  the state; every other key has the same hash tag and so the same slot
-- ARGV[1]  what every key begins with
-- ARGV[2]  'follow' or 'build'
-- ARGV[3]  the token of the follower or of the generation's builder
-- ARGV[4]  how long a builder may be silent, in ms
-- ARGV[5]  the batch (settle.go), JSON
-- Answers  the follower's sequence number (0 for a build), 'lost', 'superseded' or 'none'
local state, base, role, token = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local batch = cjson.decode(ARGV[5])
local call = redis.call
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local live, building = call('HGET', state, 'live'), call('HGET', state, 'building')
if building and tonumber(call('HGET', state, 'until')) < now then
  -- Its builder died. Nobody may finish a generation that misses entries.
  call('HDEL', state, 'building', 'builder', 'until', 'filled')
  building = false
end

local generations, sequence = {}, 0
if role == 'build' then
  if not building or call('HGET', state, 'builder') ~= token then return 'superseded' end
  call('HSET', state, 'until', string.format('%.0f', now + ARGV[4]))
  generations = {building}
else
  local follower = call('HGET', state, 'follower')
  if not follower then return 'lost' end
  if follower ~= token then return 'superseded' end
  sequence = call('HINCRBY', state, 'sequence', 1)
  if live then generations[#generations + 1] = live end
  if building then generations[#generations + 1] = building end
  if #generations == 0 then return 'none' end
end

-- The unions that a rebuild fills are made by writing to them; others are united when
-- they are needed, and kept up from then on.
local filled = {}
if building then
  for _, window in ipairs(cjson.decode(call('HGET', state, 'filled'))) do filled[window] = true end
end

-- register remembers a key, so that it can be deleted with its generation.
local function register(generation, key) call('SADD', base .. generation .. ':keys', key) end

-- expire gives a key that was just made its end.
local function expire(generation, key, seconds)
  if call('TTL', key) < 0 then
    call('EXPIRE', key, seconds)
    register(generation, key)
  end
end

-- A mark is what is known of a member: 19 digits of the version, 16 of the digest of
-- what was written, and days and facets as JSON.
local function forget(kind, member, mark)
  local had = cjson.decode(string.sub(mark, 36))
  for _, day in ipairs(had.days) do call('ZREM', kind .. 'day:' .. day, member) end
  for _, facet in ipairs(had.facets) do call('SREM', kind .. 'in:' .. facet, member) end
  for _, window in ipairs(batch.windows) do call('ZREM', kind .. window, member) end
  call('ZREM', kind .. 'all', member)
  call('HDEL', kind .. 'cards', member)
  call('HDEL', kind .. 'marks', member)
end

local function write(generation, kind, entry, mark)
  local days, facets = {}, {}
  for day, points in pairs(entry.days) do
    local key = kind .. 'day:' .. day
    call('ZADD', key, points, entry.member)
    expire(generation, key, batch.day_seconds[day])
    days[#days + 1] = day
  end
  for _, facet in ipairs(entry.facets) do
    local key = kind .. 'in:' .. facet
    if call('SADD', key, entry.member) == 1 then register(generation, key) end
    facets[facet] = true
  end
  if mark then
    local had = cjson.decode(string.sub(mark, 36))
    for _, day in ipairs(had.days) do
      if not entry.days[day] then call('ZREM', kind .. 'day:' .. day, entry.member) end
    end
    for _, facet in ipairs(had.facets) do
      if not facets[facet] then call('SREM', kind .. 'in:' .. facet, entry.member) end
    end
  end
  for _, window in ipairs(batch.windows) do
    local points = entry.windows[window]
    if not points then
      call('ZREM', kind .. window, entry.member)
    elseif generation == building and filled[window] then
      call('ZADD', kind .. window, points, entry.member)
      expire(generation, kind .. window, batch.union_seconds)
    elseif call('EXISTS', kind .. window) == 1 then
      call('ZADD', kind .. window, points, entry.member)
    end
  end
  call('ZADD', kind .. 'all', entry.hot, entry.member)
  call('HSET', kind .. 'cards', entry.member, entry.card)
  call('HSET', kind .. 'marks', entry.member,
    entry.version .. entry.digest .. cjson.encode({days = days, facets = entry.facets}))
end

-- newest is the greatest version of a member that was ever written or removed. Versions
-- have leading zeros: they are greater than what a Lua number holds.
local function newest(kind, member, mark)
  local known = mark and string.sub(mark, 1, 19) or ''
  for _, day in ipairs(batch.gone) do
    local gone = call('HGET', kind .. 'gone:' .. day, member)
    if gone and gone > known then known = gone end
  end
  return known
end

local function settle(generation, kind, entry)
  local mark = call('HGET', kind .. 'marks', entry.member)
  -- Most of a catalogue has never been on a board.
  if not mark and not entry.card and not entry.deleted then return end
  if entry.version < newest(kind, entry.member, mark) then return end
  if not entry.card then
    if mark then forget(kind, entry.member, mark) end
    local stone = kind .. 'gone:' .. batch.gone[1]
    call('HSET', stone, entry.member, entry.version)
    expire(generation, stone, batch.gone_seconds)
  elseif mark and string.sub(mark, 20, 35) == entry.digest then
    call('HSET', kind .. 'marks', entry.member, entry.version .. string.sub(mark, 20))
  else
    write(generation, kind, entry, mark)
  end
end

for _, generation in ipairs(generations) do
  for _, entry in ipairs(batch.entries) do
    settle(generation, base .. generation .. ':' .. entry.kind .. ':', entry)
  end
end
return sequence
