-- Reads the first of a board, with their cards.
--
-- KEYS[1]  the state
-- ARGV[1]  what every key begins with
-- ARGV[2]  the kind
-- ARGV[3]  the board: 'all', 'day:2026-11-23', 'week:…', 'month:…', 'rising:…'
-- ARGV[4]  how many are wanted
-- ARGV[5]  how many a filtered result keeps
-- ARGV[6]  how long it keeps them, in ms
-- ARGV[7]  how long a union is kept, in seconds
-- ARGV[8]  how the board is made, JSON (unite.lua, rise.lua); null: it is always there
-- ARGV[9]  the filters, JSON
-- Answers  false where there is no live generation, otherwise the age of the result in
--          ms, and member, score, card for each
local call = redis.call
local live = call('HGET', KEYS[1], 'live')
if not live then return false end
local kind = ARGV[1] .. live .. ':' .. ARGV[2] .. ':'
local board, limit = kind .. ARGV[3], tonumber(ARGV[4])
local union, facets = cjson.decode(ARGV[8]), cjson.decode(ARGV[9])

local age, all = 0, limit
local function register(key) call('SADD', ARGV[1] .. live .. ':keys', key) end
if union ~= cjson.null and union.curve then
  rise(kind, union, ARGV[7], register)
  age, all = union.milliseconds - call('PTTL', board .. ':made'), tonumber(ARGV[5])
elseif union ~= cjson.null then
  unite(kind, union, ARGV[7], register)
end

if #facets > 0 then
  local result = kind .. 'top:' .. ARGV[3] .. '?' .. ARGV[9]
  local left = call('PTTL', result)
  if left > 0 then
    age = age + tonumber(ARGV[6]) - left
  else
    local sets, weights = {board}, {'WEIGHTS', 1}
    for _, facet in ipairs(facets) do
      sets[#sets + 1] = kind .. 'in:' .. facet
      weights[#weights + 1] = 0
    end
    local count = #sets
    for _, weight in ipairs(weights) do sets[#sets + 1] = weight end
    if call('ZINTERSTORE', result, count, unpack(sets)) > 0 then
      call('ZREMRANGEBYRANK', result, ARGV[5], -1)
      call('PEXPIRE', result, ARGV[6])
    end
  end
  board, all = result, tonumber(ARGV[5])
end

local answer = {age}

-- add appends what has a card. In a result that is kept there may be members that were
-- hidden since; they have none.
local function add(first, last)
  local found = call('ZRANGE', board, first, last, 'WITHSCORES')
  local members = {}
  for i = 1, #found, 2 do members[#members + 1] = found[i] end
  if #members == 0 then return end
  local cards = call('HMGET', kind .. 'cards', unpack(members))
  for i, card in ipairs(cards) do
    if card and #answer < 1 + 3 * limit then
      answer[#answer + 1] = members[i]
      answer[#answer + 1] = found[2 * i]
      answer[#answer + 1] = card
    end
  end
end

add(0, limit - 1)
if all > limit and #answer < 1 + 3 * limit then add(limit, all - 1) end
return answer
