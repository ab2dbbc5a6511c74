-- Registers a generation that a rebuild is going to fill. From here on the follower
-- writes to it as well, so that nothing is missed while the rebuild reads.
--
-- KEYS[1]  the state
-- KEYS[2]  the generations that exist
-- ARGV[1]  the new generation
-- ARGV[2]  the builder's token
-- ARGV[3]  how long the builder may be silent, in ms
-- ARGV[4]  the unions that it fills, JSON: everything on them is written while it builds
-- ARGV[5]  the scoring that its scores are made with
-- Answers  1, or 0 while another rebuild is under way
local call = redis.call
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local ends = call('HGET', KEYS[1], 'until')
if ends and tonumber(ends) >= now then return 0 end
call('HSET', KEYS[1], 'building', ARGV[1], 'builder', ARGV[2], 'until', string.format('%.0f', now + ARGV[3]),
  'filled', ARGV[4], 'building_scoring', ARGV[5])
call('SADD', KEYS[2], ARGV[1])
return 1
