-- Makes the unions of windows that are not there, so that no visitor waits for one when
-- the day turns, and says whether the boards are still those that the follower left.
--
-- KEYS[1]  the state
-- ARGV[1]  what every key begins with
-- ARGV[2]  the generation; empty: the live one
-- ARGV[3]  the kind
-- ARGV[4]  how long a union is kept, in seconds
-- ARGV[5]  what is made, JSON (unite.lua, rise.lua)
-- Answers  the follower's token and sequence number and the scoring of the live boards, or
--          false without a live generation
local call = redis.call
local generation = ARGV[2]
if generation == '' then generation = call('HGET', KEYS[1], 'live') end
if not generation then return false end
local kind = ARGV[1] .. generation .. ':' .. ARGV[3] .. ':'
local function register(key) call('SADD', ARGV[1] .. generation .. ':keys', key) end
for _, made in ipairs(cjson.decode(ARGV[5])) do
  if made.curve then rise(kind, made, ARGV[4], register) else unite(kind, made, ARGV[4], register) end
end
return {call('HGET', KEYS[1], 'follower') or '', tonumber(call('HGET', KEYS[1], 'sequence') or 0),
  call('HGET', KEYS[1], 'scoring') or ''}
