-- Makes the queue if it is not there.
--
-- KEYS[1]  the stream
-- KEYS[2]  its name
-- ARGV[1]  the name if it has none
-- ARGV[2]  the consumer group
-- Answers  the name
local call = redis.call
local name = call('GET', KEYS[2])
if not name then
  name = ARGV[1]
  call('SET', KEYS[2], name)
end
-- An error says that the group is there already, which is just as well.
redis.pcall('XGROUP', 'CREATE', KEYS[1], ARGV[2], '0', 'MKSTREAM')
return name
