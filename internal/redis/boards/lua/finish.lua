-- Ends a rebuild: makes its generation the live one, or gives it up.
--
-- KEYS[1]  the state
-- ARGV[1]  the builder's token
-- ARGV[2]  1: make it live; 0: give it up
-- ARGV[3]  the time, for people
-- Answers  1, or 0 if the generation is not this builder's any more
local call = redis.call
if call('HGET', KEYS[1], 'builder') ~= ARGV[1] then return 0 end
if ARGV[2] == '1' then
  call('HSET', KEYS[1], 'live', call('HGET', KEYS[1], 'building'), 'built_at', ARGV[3],
    'scoring', call('HGET', KEYS[1], 'building_scoring') or '')
end
call('HDEL', KEYS[1], 'building', 'builder', 'until', 'filled')
return 1
