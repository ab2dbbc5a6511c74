-- Makes the unions of windows that are not there, so that no visitor waits for one when
-- the day turns, and says whether the boards are still those that the follower left.
--
-- KEYS[1]  the state
-- ARGV[1]  what every key begins with
-- ARGV[2]  the generation; empty: the live one
-- ARGV[3]  the kind
-- ARGV[4]  how long a union is kept, in seconds
-- ARGV[5]  the unions, JSON: [{"board": "week:2026-11-23", "days": ["2026-11-23", ...]}]
-- Answers  the follower's token and sequence number, or false without a live generation
local call = redis.call
local generation = ARGV[2]
if generation == '' then generation = call('HGET', KEYS[1], 'live') end
if not generation then return false end
local kind = ARGV[1] .. generation .. ':' .. ARGV[3] .. ':'
for _, union in ipairs(cjson.decode(ARGV[5])) do
  local board, sets = kind .. union.board, {}
  if call('EXISTS', board) == 0 then
    for i, day in ipairs(union.days) do sets[i] = kind .. 'day:' .. day end
    if call('ZUNIONSTORE', board, #sets, unpack(sets)) > 0 then
      call('EXPIRE', board, ARGV[4])
      call('SADD', ARGV[1] .. generation .. ':keys', board)
    end
  end
end
return {call('HGET', KEYS[1], 'follower') or '', tonumber(call('HGET', KEYS[1], 'sequence') or 0)}
